"""Examples of requests and responses about rewards, for the OpenAPI document."""

from laurels.kernel.rejections import DefinitionNotFound
from laurels.web.errors import refusal_for

ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"

UNKNOWN_REWARD = refusal_for(DefinitionNotFound("reward", ID))
