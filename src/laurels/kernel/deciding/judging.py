"""Judging again: after a change of definitions, participants get the badges and tiers they have already reached."""

from laurels.kernel.commands import JudgeAnew
from laurels.kernel.deciding.cascade import follow
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.deciding.listing import decides
from laurels.kernel.feed import DEFINITION_CHANGED, PARTICIPANT_ANONYMISED, PARTICIPANT_DELETED
from laurels.kernel.play import Play
from laurels.kernel.responses import JudgedAnswer


def judge_anew(happening: Happening, command: JudgeAnew) -> Decision:
    happening.is_silent = command.silent
    for each in happening.game.judging:
        each.reach(happening, command.definition_ids)
    follow(happening)
    return Decision(happening.entries, JudgedAnswer(participant_id=command.participant_id))


KERNEL = Play(
    commands=(decides(JudgeAnew, judge_anew, can_cause=(), creates=False),),
    feed=(PARTICIPANT_ANONYMISED, PARTICIPANT_DELETED, DEFINITION_CHANGED),
)
"""The part of the game that belongs to no mechanic."""
