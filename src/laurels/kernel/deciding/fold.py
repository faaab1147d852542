"""Folding: applies one entry of the journal to the state of its participant.

Deciding and rebuilding use the same fold, so that the stored state and the journal cannot differ.
"""

from laurels.kernel.facts import Entry, Outcome
from laurels.kernel.game import Game
from laurels.kernel.limits import fold_acted
from laurels.kernel.participant import Participant


def fold(game: Game, participant: Participant, entry: Entry) -> None:
    """Changes the participant's state to the state after `entry`, which must be the next one by `seq`."""
    participant.seq = entry.seq
    folding = game.folding[type(entry.fact)]
    if folding.fold is not None:
        folding.fold(participant, entry, entry.fact)
    fold_outcomes(participant, entry.fact.outcomes)


def fold_outcomes(participant: Participant, outcomes: list[Outcome]) -> None:
    """Counts the uses of limited definitions."""
    for outcome in outcomes:
        fold_acted(outcome, participant.limit_uses, participant.limit_totals)
