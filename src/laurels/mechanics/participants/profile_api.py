"""Endpoints of participants: register, read and change a profile. The profile has sections of all mechanics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel.dates import time_zones
from laurels.kernel.input.fields import ImageUrl, ParticipantId
from laurels.kernel.rejections import ParticipantNotFound
from laurels.mechanics.participants.examples import REGISTER_PARTICIPANT_REQUEST, UPDATE_PARTICIPANT_REQUEST
from laurels.mechanics.participants.model import ProfileSavedAnswer, SaveProfile
from laurels.storage import participants
from laurels.storage.participants import ParticipantRow
from laurels.web import outcomes
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes, warning_headers
from laurels.web.lookup import definitions_for, find_participant, participant_id
from laurels.web.protocol.errors import refusal_for
from laurels.web.requests.fields import DESCRIBED_LIKE

Name = Annotated[str, Meta(max_length=255)]
Attributes = Annotated[
    dict[str, Any],
    Meta(description="Your own data, merged into the stored attributes; null removes one. `timezone` is an IANA name."),
]


class ProfileFields(Struct, frozen=True, kw_only=True):
    """The fields of a profile that a call can change. A field that is left out stays as it is."""

    display_name: Name | UnsetType | None = UNSET
    """The name that others see, on leaderboards for example; null for none."""
    avatar_url: ImageUrl | UnsetType | None = UNSET
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    attributes: Attributes | UnsetType = UNSET


class RegisterRequest(ProfileFields, frozen=True, kw_only=True):
    """A participant to register. A field that is left out stays as it is, if the participant exists."""

    participant_id: ParticipantId


class _ProfileAnswerFields(Struct, frozen=True, kw_only=True):
    """The fields of a profile beside the sections of the mechanics."""

    display_name: str | None
    """The name that others see; null for none."""
    avatar_url: str | None
    """The address of an image; null for none."""
    attributes: dict[str, Any]
    """Values of your application. `timezone` is the IANA name of the participant's time zone."""
    is_active: bool
    """False once the participant has been anonymized."""
    created_at: datetime
    """When the participant was created."""
    first_seen_at: datetime
    """The first call that reported an action of the participant."""
    last_seen_at: datetime
    """The last call that reported an action of the participant."""


_FIRST_FIELDS = 3
"""The number of fields of a profile that come before the sections."""


class ProfileResource:
    """The endpoints of the profile, which consists of the participant's own fields and of `sections`."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = sections
        own = [(field.name, field.type) for field in msgspec.structs.fields(_ProfileAnswerFields)]
        self.answer: Any = msgspec.defstruct(
            "ProfileAnswer",
            [
                ("participant_id", str),
                *own[:_FIRST_FIELDS],
                *((section.name, section.described_type) for section in sections),
                *own[_FIRST_FIELDS:],
            ],
            namespace={"__doc__": "The profile of a participant.", DESCRIBED_LIKE: _ProfileAnswerFields},
            frozen=True,
            kw_only=True,
        )
        self.example: dict[str, Any] = {
            "participant_id": "user_123",
            "display_name": "Ada",
            "avatar_url": "https://app.example.com/ada.png",
            "attributes": {"plan": "premium", "timezone": "Europe/Lisbon"},
            **{section.name: section.example for section in sections},
            "is_active": True,
            "created_at": "2026-01-07T18:02:11Z",
            "first_seen_at": "2026-01-07T18:02:11Z",
            "last_seen_at": "2026-03-01T09:30:00Z",
        }

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "POST",
            "/gamify/participants",
            self.register_participant,
            summary="Register a participant",
            body=RegisterRequest,
            warns=True,
            answers={201: self.answer, 200: self.answer},
            answer_example=self.example,
            refuses=(503,),
            example=REGISTER_PARTICIPANT_REQUEST,
        )
        routes.add(
            "GET",
            "/gamify/participants/{participant_id}",
            self.get_participant,
            summary="Profile of a participant",
            answers={200: self.answer},
            answer_example=self.example,
            refuses=(404, 503),
        )
        routes.add(
            "PATCH",
            "/gamify/participants/{participant_id}",
            self.update_participant,
            summary="Change a participant's profile",
            body=ProfileFields,
            warns=True,
            answers={200: self.answer},
            answer_example=self.example,
            refuses=(404, 503),
            example=UPDATE_PARTICIPANT_REQUEST,
        )

    async def register_participant(self, request: Request[RegisterRequest, None]) -> Reply:
        """Registers a participant and returns 201, or updates the given fields of a known participant and returns 200.
        Fields that are null are ignored. Registration is optional: the first award also registers a participant."""
        body = request.body
        # Null means that the field is omitted, as in all POST requests.
        fields = ProfileFields(
            display_name=UNSET if body.display_name is None else body.display_name,
            avatar_url=UNSET if body.avatar_url is None else body.avatar_url,
            attributes=body.attributes,
        )
        return await self._save(request, body.participant_id, fields, create=True)

    async def get_participant(self, request: Request[None, None]) -> Reply:
        """Returns the profile of a participant, with points, badges, streaks and the next tier."""
        return await self._reply(request, await find_participant(request), 200)

    async def update_participant(self, request: Request[ProfileFields, None]) -> Reply:
        """Changes a profile. Given fields are replaced, and null clears a field; attributes are merged, and null
        removes an attribute (JSON Merge Patch)."""
        return await self._save(request, participant_id(request), request.body, create=False)

    async def _save(self, request: AnyRequest, name: str, fields: ProfileFields, *, create: bool) -> Reply:
        command = SaveProfile(
            project_id=request.project_id,
            participant_id=name,
            create=create,
            display_name=fields.display_name,
            avatar_url=fields.avatar_url,
            attributes=fields.attributes,
        )
        response = await outcomes.run(request, command)
        saved = msgspec.json.decode(response.body, type=ProfileSavedAnswer)
        participant = await participants.find(
            request.services.readers, request.services.definitions.tables, request.project_id, name
        )
        if participant is None:
            raise refusal_for(ParticipantNotFound(name))
        reply = await self._reply(request, participant, 201 if saved.created else 200)
        return msgspec.structs.replace(reply, headers=warning_headers(_time_zone_warnings(fields.attributes)))

    async def _reply(self, request: AnyRequest, participant: ParticipantRow, status: int) -> Reply:
        definitions = await definitions_for(request, participant)
        answer = self.answer(
            participant_id=participant.participant_id,
            display_name=participant.display_name,
            avatar_url=participant.avatar_url,
            attributes=participant.attributes,
            **{section.name: await section.read(request, participant, definitions) for section in self._sections},
            is_active=participant.is_active,
            created_at=participant.created_at,
            first_seen_at=participant.created_at,
            last_seen_at=participant.last_seen_at,
        )
        return Reply(msgspec.json.encode(answer), status)


def _time_zone_warnings(attributes: dict[str, Any] | UnsetType) -> list[str]:
    """The warning about an unknown time zone, which is not an error: attributes are the caller's own data."""
    name = None if attributes is UNSET else attributes.get("timezone")
    if name is None or (isinstance(name, str) and name in time_zones.names()):
        return []
    return [
        "attributes.timezone is not an IANA time zone such as Europe/Lisbon. It is stored; the project's zone applies."
    ]
