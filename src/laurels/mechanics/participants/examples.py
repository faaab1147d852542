"""Examples of requests and responses about participants, for the OpenAPI document."""

REGISTER_PARTICIPANT_REQUEST = {
    "participant_id": "user_123",
    "display_name": "Ada",
    "avatar_url": "https://app.example.com/ada.png",
    "attributes": {"plan": "premium", "timezone": "Europe/Lisbon"},
}

UPDATE_PARTICIPANT_REQUEST = {"display_name": "Ada L.", "attributes": {"plan": "enterprise", "trial": None}}
