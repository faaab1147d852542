"""The endpoint of a participant's state, which has sections of all mechanics."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.web.api import Section
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.lookup import definitions_for, find_participant
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.fields import comma_separated


class StateQuery(Struct, frozen=True):
    """`include` lists names of sections, separated by commas."""

    include: str | None = None


class StateResource:
    """The endpoint that shows the `sections` that the caller requests."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = {section.name: section for section in sections}
        self.answer: Any = msgspec.defstruct(
            "StateAnswer",
            [
                ("participant_id", str),
                *((section.name, section.described_type | UnsetType, UNSET) for section in sections),
            ],
            namespace={"__doc__": "The requested sections; others are absent."},
            frozen=True,
            kw_only=True,
        )
        self.example = {"participant_id": "user_123", **{name: each.example for name, each in self._sections.items()}}
        self.query = msgspec.defstruct(
            "StateQuery", [("include", self._include(), None)], bases=(StateQuery,), frozen=True
        )

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "GET",
            "/gamify/participants/{participant_id}/state",
            self.participant_state,
            summary="Selected sections of a participant's state",
            query=self.query,
            answers={200: self.answer},
            answer_example=self.example,
            refuses=(404, 503),
            refusals={422: self._unknown("tiers")},
        )

    async def participant_state(self, request: Request[None, StateQuery]) -> Reply:
        """Returns the sections named in `include`, or all sections."""
        requested = self._requested(request.query.include)
        participant = await find_participant(request)
        definitions = await definitions_for(request, participant)
        values = {section.name: await section.read(request, participant, definitions) for section in requested}
        return Reply(msgspec.json.encode(self.answer(participant_id=participant.participant_id, **values)))

    def _include(self) -> Any:
        names = Annotated[str, comma_separated({"enum": list(self._sections)}, minItems=1)]
        description = "Names of sections, separated by commas; all sections by default."
        return Annotated[names | None, Meta(description=description, examples=[[*self._sections][:3]])]

    def _requested(self, include: str | None) -> list[Section]:
        """The requested sections, in the order of the response. Raises Refusal 422."""
        if include is None:
            return list(self._sections.values())
        all_names = ", ".join(self._sections)
        if not include.strip():
            raise invalid("include", f"must not be empty: omit it for all sections, or list some of {all_names}")
        names = [name.strip() for name in include.split(",")]
        for name in names:
            if name not in self._sections:
                raise self._unknown(name)
        return [section for name, section in self._sections.items() if name in names]

    def _unknown(self, name: str) -> Refusal:
        return invalid("include", f"has the unknown section {name!r}; the sections are {', '.join(self._sections)}")
