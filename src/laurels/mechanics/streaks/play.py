"""The play of streaks: calls and actions record periods, and expressions read the counts."""

from collections.abc import Sequence
from datetime import datetime

from laurels.kernel.cel.types import NUMBERS
from laurels.kernel.commands import Command
from laurels.kernel.deciding.acting import NOTHING_NEW, accepted
from laurels.kernel.deciding.decision import Decision, followed, occurred_at
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listing import acts, decides, explains, folds, reads, shows
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.needs import ZONE, Need, Needs, either
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import Side
from laurels.kernel.what_if.reconstruction import PastFact, Reconstruction
from laurels.mechanics.streaks import rules
from laurels.mechanics.streaks.explain import show_recorded
from laurels.mechanics.streaks.feed import FEED
from laurels.mechanics.streaks.model import (
    STREAKS,
    ContinueStreak,
    RecordStreak,
    Streak,
    StreakEffect,
    StreakRecorded,
    StreakState,
)

CHANGED = frozenset({"participant.streaks", "participant.longest_streaks"})
"""The variables that streaks change."""

RECORDS = Need[bool]("streaks", either)
_RECORDS_AND_ZONE = Needs({RECORDS: True, ZONE: True})


def record(happening: Happening, command: RecordStreak) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, happening.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    states = happening.participant[STREAKS]
    recorded = rules.record(happening.definitions, states, command, happened_at, happening.zone)
    if isinstance(recorded, Rejection):
        return recorded
    fact, answer = recorded
    if fact is not None:
        happening.happen(fact, happened_at)
    return followed(happening, answer)


def _continue(happening: Happening, action: ContinueStreak, act: Act) -> str | None:
    participant = happening.participant
    command = RecordStreak(
        project_id=participant.project_id, participant_id=participant.participant_id, streak_code=action.streak_code
    )
    states = participant[STREAKS]
    fact, _ = accepted(rules.record(happening.definitions, states, command, act.at, happening.zone))
    if fact is None:
        return NOTHING_NEW
    happening.happen(fact, act.at, act.cause_id, act.definition_id)
    return None


def _fold(participant: Participant, entry: Entry, fact: StreakRecorded) -> None:
    rules.fold_recorded(participant[STREAKS], fact, entry.occurred_at)


def _needed_to_continue(_: Definitions, __: list[ContinueStreak], ___: list[Definition]) -> Needs:
    return _RECORDS_AND_ZONE


def _latest(participant: Participant) -> list[datetime | None]:
    return [state.runs[-1].last_at for state in participant[STREAKS].values() if state.runs]


def _summaries(
    definitions: Definitions, participant: Participant, now: datetime
) -> list[tuple[str, rules.StreakSummary]]:
    calendar = definitions.calendar
    zone = participant.zone or calendar.zone
    states = participant[STREAKS]
    return [
        (code, rules.summary(streak, states.get(streak.id, StreakState()), now, zone, calendar.first_day_of_week))
        for code, streak in definitions[Streak].by_code.items()
    ]


def _effects(definitions: Definitions, _: Participant, brought: Brought) -> list[StreakEffect]:
    return [
        StreakEffect(
            streak_code=entry.fact.streak_code,
            streak_name=definitions[Streak].by_id[entry.fact.streak_id].name,
            new_count=entry.fact.count,
            due_to=due_to,
        )
        for entry, due_to in brought
        if isinstance(entry.fact, StreakRecorded)
    ]


def _reconstruct_record(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    entry = command_facts[0].entry
    if not isinstance(entry.fact, StreakRecorded):
        return None
    return RecordStreak(
        streak_code=entry.fact.streak_code, occurred_at=entry.occurred_at, **reconstruction.participant_fields
    )


def _count(side: Side, fact: StreakRecorded) -> None:
    side.of(fact.streak_id).fired += 1


PLAY = Play(
    slices=(STREAKS,),
    commands=(decides(RecordStreak, record, needs=_RECORDS_AND_ZONE, can_cause=(StreakRecorded,)),),
    facts=(folds(StreakRecorded, _fold, changes=CHANGED),),
    actions=(acts(ContinueStreak, _continue, can_cause=(StreakRecorded,), needs=_needed_to_continue),),
    variables=(
        reads(
            "participant.streaks",
            NUMBERS,
            lambda definitions, participant, now: {
                code: s.current for code, s in _summaries(definitions, participant, now)
            },
            needs=lambda _: _RECORDS_AND_ZONE,
            latest=_latest,
            depends_on_zone=True,
        ),
        reads(
            "participant.longest_streaks",
            NUMBERS,
            lambda definitions, participant, now: {
                code: s.longest for code, s in _summaries(definitions, participant, now)
            },
            needs=lambda _: _RECORDS_AND_ZONE,
            latest=_latest,
            depends_on_zone=True,
        ),
    ),
    effects=(
        shows("streaks", list[StreakEffect], _effects, facts=(StreakRecorded,), description="The streaks recorded."),
    ),
    showing=(explains(StreakRecorded, show_recorded),),
    replay=(FactReplay(fact=StreakRecorded, reconstruct=_reconstruct_record, count=_count),),
    feed=FEED,
)
