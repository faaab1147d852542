"""Examples of requests and responses about rules, for the OpenAPI document."""

VALIDATE_EXPRESSION_RESPONSE = {"type": "bool", "reads": ["event.properties.amount", "participant.tier"]}

VALIDATE_EXPRESSION_REQUEST = {"expression": "event.properties.amount >= 100 && participant.tier == 'gold'"}
