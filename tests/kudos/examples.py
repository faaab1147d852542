"""Examples of requests and responses about kudos, for the OpenAPI document."""

from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.web.protocol.errors import refusal_for
from tests.kudos.model import NotEnoughKudos

GIVE_KUDOS_REQUEST = {"participant_id": "user_123", "kudos_code": "helpful", "number": 2, "thanks": "For the help"}

GIVE_KUDOS_RESPONSE = {"participant_id": "user_123", "kudos_code": "helpful", "number": 2, "total": 9}

GIVE_KUDOS_REFUSALS = {
    400: refusal_for(DefinitionInactive("kudos_kind", "helpful")),
    404: refusal_for(DefinitionNotFound("kudos_kind", "helpful")),
}

HAND_OVER_KUDOS_REQUEST = {"participant_id": "user_123", "receiver_ids": ["user_456"], "kudos_code": "helpful"}

HAND_OVER_KUDOS_RESPONSE = {"participant_id": "user_123", "kudos_code": "helpful", "number": 1, "total": 8}

HAND_OVER_KUDOS_REFUSALS = {
    400: refusal_for(NotEnoughKudos(0, 1)),
    404: refusal_for(DefinitionNotFound("kudos_kind", "helpful")),
}

PARTICIPANT_KUDOS_RESPONSE = {
    "participant_id": "user_123",
    "kudos": [{"code": "helpful", "name": "Helpful", "number": 9}],
}
