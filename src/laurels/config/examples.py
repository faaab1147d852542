"""Examples of requests and responses about simulations, for the OpenAPI document."""

SIMULATE_DEFINITIONS_RESPONSE = {"progress": {"participants_done": 120, "participants": 800, "events_done": 5400}}

SIMULATE_DEFINITIONS_REQUEST = {
    "definitions": {
        "rules": [
            {
                "code": "big_order",
                "name": "Big order",
                "event_name": "purchase_completed",
                "condition": "event.properties.amount >= 100",
                "actions": [{"type": "award_points", "amount": 50}],
            }
        ]
    },
    "days": 90,
}
