"""Examples of requests and responses about rules, for the OpenAPI document."""

VALIDATE_EXPRESSION_RESPONSE = {"type": "bool", "reads": ["event.properties.amount", "participant.tier"]}

VALIDATE_EXPRESSION_REQUEST = {"expression": "event.properties.amount >= 100 && participant.tier == 'gold'"}

LIST_VARIABLES_RESPONSE = {
    "variables": [
        {"name": "event.name", "type": "string", "is_of_event": True},
        {"name": "participant.streaks", "type": "map of string to int", "is_of_event": False},
    ]
}
