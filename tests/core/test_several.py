"""Commands of several participants: each has facts, state, needs and consequences that are its own."""

from typing import Any, ClassVar

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from laurels.app import MECHANICS, Composition
from laurels.kernel.commands import Command
from laurels.kernel.deciding.decide import UnfitDecisionError, decide
from laurels.kernel.deciding.decision import Decision, followed
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.deciding.listening import listeners_of, needs
from laurels.kernel.deciding.listing import concerns_others, decides
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.needs import LIMITED, ZONE, Needs
from laurels.kernel.participant import Participant
from laurels.kernel.play import Play
from laurels.kernel.rejections import ParticipantNotFound, Rejection, TimestampTooOld
from laurels.kernel.responses import Answer, AnyEffects
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points.purse.model import PURSE
from laurels.mechanics.rules.model import Limit
from tests.core.given import METALS, NOW, badge, copied, give, ids, participant, rule, told


class MetAnswer(Answer, frozen=True, kw_only=True):
    effects: AnyEffects | UnsetType = UNSET


class Meet(Command, frozen=True, kw_only=True):
    """An event of each, which is another one for whoever invited."""

    operation: ClassVar[str] = "meet"

    guest_ids: tuple[str, ...]
    refused_after: int = 99
    """Facts."""
    is_for_guests_alone: bool = False

    @property
    def other_ids(self) -> tuple[str, ...]:
        return self.guest_ids


def _meet(happening: Happening, command: Meet) -> Decision | Rejection:
    parts = [*map(happening.of, command.guest_ids)]
    if not command.is_for_guests_alone:
        parts.insert(0, happening)
    for number, part in enumerate(parts):
        if number == command.refused_after:
            return TimestampTooOld()
        event_name = "invited" if part is happening else "came"
        part.happen(EventRecorded(event_name=event_name, properties={}), happening.now)
    return followed(happening, MetAnswer())


PLAY = Play(
    commands=(
        decides(
            Meet,
            _meet,
            needs=Needs({ZONE: True}),
            particular=lambda known, _: listeners_of(known, EventRecorded, "invited").needs,
            can_cause=(EventRecorded,),
            others=concerns_others(
                particular=lambda known, _: listeners_of(known, EventRecorded, "came").needs, can_cause=(EventRecorded,)
            ),
        ),
    )
)
GAME = Composition((*MECHANICS, Mechanic(name="meetings", play=PLAY)), "tests:nowhere").game

HOST = rule("host", give(1_000), event_name="invited")
GUEST = rule("guest", give(10), event_name="came", limits=(Limit(1, "ever", in_total=True),))
KNOWN = Definitions(GAME, 1, [*METALS, HOST, GUEST, badge("rich", "participant.total_earned >= 1000")])


def person(name: str, *, exists: bool = True) -> Participant:
    who = participant(exists=exists)
    who.participant_id = name
    return who


def meet(*guest_ids: str, **more: Any) -> Meet:
    return Meet(project_id=1, participant_id="ada", guest_ids=guest_ids, **more)


def run(command: Meet, *people: Participant) -> Decision | Rejection:
    first, *others = people
    return decide(KNOWN, first, command, NOW, ids(), others)


def parts(decision: Decision) -> list[list[Entry]]:
    return [decision.entries, *(entries for _, entries in decision.others)]


def test_each_has_facts_and_consequences_of_its_own() -> None:
    people = [person("ada"), person("ben"), person("cy")]
    # What limits count in total is the same for all of a batch.
    for who in people:
        who.limit_totals = people[0].limit_totals
    decision = run(meet("ben", "cy"), *people)
    assert isinstance(decision, Decision)
    of_ada, of_ben, of_cy = parts(decision)
    assert told(of_ada) == ["event_recorded", "+1000", "tier bronze", "tier silver", "badge rich"]
    # Of all guests together one gets points.
    assert told(of_ben) == ["event_recorded", "+10", "tier bronze"]
    assert told(of_cy) == ["event_recorded"]
    assert [[entry.seq for entry in entries] for entries in parts(decision)] == [[1, 2, 3, 4, 5], [1, 2, 3], [1]]
    assert [who[PURSE].balance for who in people] == [1_000, 10, 0]
    assert [who.seq for who in people] == [5, 3, 1]
    assert [[each.outcome for each in entries[0].fact.outcomes] for entries in parts(decision)] == [
        ["acted"],
        ["acted"],
        ["limited"],
    ]
    every = [entry for entries in parts(decision) for entry in entries]
    assert len({entry.id for entry in every}) == len(every)
    for entries in parts(decision):
        assert {entry.cause_id for entry in entries} <= {None, *(entry.id for entry in entries)}


def test_effects_are_those_of_the_first() -> None:
    decision = run(meet("ben"), person("ada"), person("ben"))
    assert isinstance(decision, Decision)
    shown = msgspec.to_builtins(decision.answer)["effects"]
    assert [each["amount"] for each in shown["points"]] == [1_000]


def test_needs_are_those_of_each_part() -> None:
    own, of_others = needs(KNOWN, meet("ben")), needs(KNOWN, meet("ben"), of_others=True)
    assert own[ZONE]
    assert [limited.definition_id for limited in own[LIMITED] or ()] == []
    assert [limited.definition_id for limited in of_others[LIMITED] or ()] == [GUEST.id]


@pytest.mark.parametrize("missing", range(3))
def test_any_of_them_can_be_the_reason_for_a_rejection_that_leaves_all_as_they_are(missing: int) -> None:
    names = ["ada", "ben", "cy"]
    people = [person(name) for name in names]
    people[missing].is_anonymised = True
    before = [copied(who) for who in people]
    assert run(meet("ben", "cy"), *people) == ParticipantNotFound(names[missing])
    assert people == before


def test_one_who_is_not_there_is_created_with_the_others() -> None:
    decision = run(meet("ben"), person("ada", exists=False), person("ben", exists=False))
    assert isinstance(decision, Decision)


def test_a_decider_cannot_refuse_after_a_fact() -> None:
    assert run(meet("ben", refused_after=0), person("ada"), person("ben")) == TimestampTooOld()
    with pytest.raises(UnfitDecisionError):
        run(meet("ben", refused_after=1), person("ada"), person("ben"))


def test_a_decider_cannot_leave_the_first_without_a_fact() -> None:
    """The idempotency key belongs to it, and names this fact."""
    with pytest.raises(UnfitDecisionError):
        run(meet("ben", is_for_guests_alone=True), person("ada"), person("ben"))
