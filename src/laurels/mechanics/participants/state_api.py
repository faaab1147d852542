"""Selected sections of a participant's state, of all mechanics."""

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
    """`include` names sections, separated by commas."""

    include: str | None = None


class StateResource:
    """The endpoint that shows those of the `sections` that the caller asks for."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = {section.name: section for section in sections}
        self.answer: Any = msgspec.defstruct(
            "StateAnswer",
            [
                ("participant_id", str),
                *((section.name, section.described_type | UnsetType, UNSET) for section in sections),
            ],
            namespace={"__doc__": "Only the sections asked for are there."},
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
        """All sections, or those named in `include`."""
        wanted = self._wanted(request.query.include)
        found = await find_participant(request)
        definitions = await definitions_for(request, found)
        values = {section.name: await section.read(request, found, definitions) for section in wanted}
        return Reply(msgspec.json.encode(self.answer(participant_id=found.participant_id, **values)))

    def _include(self) -> Any:
        names = Annotated[str, comma_separated({"enum": list(self._sections)}, minItems=1)]
        description = "Sections, separated by commas; all if omitted."
        return Annotated[names | None, Meta(description=description, examples=[[*self._sections][:3]])]

    def _wanted(self, include: str | None) -> list[Section]:
        """In the order of the response. Raises Refusal 422."""
        if include is None:
            return list(self._sections.values())
        known = ", ".join(self._sections)
        if not include.strip():
            raise invalid("include", f"must not be empty: leave it out for all sections, or name some of {known}")
        names = [name.strip() for name in include.split(",")]
        for name in names:
            if name not in self._sections:
                raise self._unknown(name)
        return [section for name, section in self._sections.items() if name in names]

    def _unknown(self, name: str) -> Refusal:
        return invalid("include", f"does not know the section {name!r}; there are {', '.join(self._sections)}")
