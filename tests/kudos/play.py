"""Kudos, in the game: calls and actions give them, and participants hand them over."""

from collections.abc import Sequence
from typing import Any

from laurels.kernel.cel.types import NUMBER
from laurels.kernel.commands import Command
from laurels.kernel.deciding.acting import NO_AMOUNT, accepted, amount
from laurels.kernel.deciding.decision import Decision, followed
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listing import acts, concerns_others, decides, explains, folds, reads, shows
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.measures import Measure, Scope, adds
from laurels.kernel.needs import Need, Needs, either
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import Side
from laurels.kernel.what_if.reconstruction import PastFact, Reconstruction
from tests.kudos import rules
from tests.kudos.feed import FEED
from tests.kudos.model import (
    KUDOS,
    GiveKudos,
    HandOverKudos,
    KudosEffect,
    KudosFact,
    KudosGiven,
    KudosGivenAnswer,
    KudosHandedOver,
    KudosHandedOverAnswer,
    KudosKind,
    KudosReceived,
    SendKudos,
)

COUNTS = Need[bool]("kudos", either)
_COUNTS = Needs({COUNTS: True})
CHANGED = frozenset({"participant.kudos"})
"""The variable that kudos change."""


def give(happening: Happening, command: GiveKudos) -> Decision | Rejection:
    given = rules.give(happening.definitions, command.kudos_code, command.number, command.thanks)
    if isinstance(given, Rejection):
        return given
    happening.happen(given, happening.now)
    answer = KudosGivenAnswer(
        participant_id=command.participant_id,
        kudos_code=given.kudos_code,
        number=given.number,
        total=happening.participant[KUDOS][given.kudos_id],
    )
    return followed(happening, answer)


def hand_over(happening: Happening, command: HandOverKudos) -> Decision | Rejection:
    receiver_ids = dict.fromkeys(command.receiver_ids)
    kudos = happening.participant[KUDOS]
    facts = rules.hand_over(happening.definitions, kudos, command.kudos_code, command.number, len(receiver_ids))
    if isinstance(facts, Rejection):
        return facts
    given, received = facts
    happening.happen(given, happening.now)
    for receiver_id in receiver_ids:
        happening.of(receiver_id).happen(received, happening.now)
    answer = KudosHandedOverAnswer(
        participant_id=command.participant_id,
        kudos_code=given.kudos_code,
        number=given.number,
        total=kudos[given.kudos_id],
    )
    return followed(happening, answer)


def _send(happening: Happening, action: SendKudos, act: Act) -> str | None:
    number = amount(happening, action.number)
    if not number:
        return NO_AMOUNT
    given = accepted(rules.give(happening.definitions, action.kudos_code, number))
    happening.happen(given, act.at, act.cause_id, act.definition_id)
    return None


def _needed_to_send(_: Definitions, __: list[SendKudos], ___: list[Definition]) -> Needs:
    return _COUNTS


def _fold(participant: Participant, _: Entry, fact: KudosFact) -> None:
    rules.fold(participant[KUDOS], fact)


def _show(data: dict[str, Any], definitions: Definitions, fact: KudosGiven) -> None:
    """With the name of the kind in place of its id."""
    del data["kudos_id"]
    kind = definitions[KudosKind].by_id.get(fact.kudos_id)
    data["kudos_name"] = kind.name if kind else None


def _number(fact: KudosGiven, _: Scope) -> int:
    return fact.number


def _effects(_: Definitions, __: Participant, brought: Brought) -> list[KudosEffect]:
    return [
        KudosEffect(kudos_code=entry.fact.kudos_code, number=entry.fact.number, due_to=due_to)
        for entry, due_to in brought
        if isinstance(entry.fact, KudosGiven)
    ]


def _reconstruct_gift(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    fact = command_facts[0].entry.fact
    if not isinstance(fact, KudosGiven):
        return None
    return GiveKudos(kudos_code=fact.kudos_code, number=fact.number, **reconstruction.participant_fields)


def _count(side: Side, fact: KudosGiven) -> None:
    side.of(fact.kudos_id).fired += 1


PLAY = Play(
    slices=(KUDOS,),
    commands=(
        decides(GiveKudos, give, needs=_COUNTS, can_cause=(KudosGiven,)),
        decides(
            HandOverKudos,
            hand_over,
            needs=_COUNTS,
            can_cause=(KudosHandedOver,),
            others=concerns_others(needs=_COUNTS, can_cause=(KudosReceived,)),
        ),
    ),
    facts=tuple(folds(fact, _fold, changes=CHANGED) for fact in (KudosGiven, KudosHandedOver, KudosReceived)),
    actions=(acts(SendKudos, _send, can_cause=(KudosGiven,), needs=_needed_to_send),),
    variables=(
        reads(
            "participant.kudos",
            NUMBER,
            lambda _, who, __: sum(who[KUDOS].values()),
            needs=lambda _: _COUNTS,
        ),
    ),
    measures=(Measure(name="kudos", additions=(adds(KudosGiven, _number),)),),
    effects=(shows("kudos", list[KudosEffect], _effects, facts=(KudosGiven,)),),
    showing=(explains(KudosGiven, _show),),
    feed=FEED,
    replay=(
        FactReplay(fact=KudosGiven, reconstruct=_reconstruct_gift, count=_count),
        # A simulation sees one participant at a time.
        FactReplay(fact=KudosHandedOver, repeats=True),
        FactReplay(fact=KudosReceived, repeats=True),
    ),
)
