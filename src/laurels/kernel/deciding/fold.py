"""Facts to projections: applies one entry of the journal to the participant it belongs to.

Deciding and rebuilding use this same fold: what a command leaves behind and what the journal says cannot differ.
"""

from laurels.kernel.facts import Entry, Outcome
from laurels.kernel.game import Game
from laurels.kernel.limits import fold_acted
from laurels.kernel.participant import Participant


def fold(game: Game, participant: Participant, entry: Entry) -> None:
    """Changes the participant's projections to what they are after `entry`, which must be the next one by `seq`."""
    participant.seq = entry.seq
    folding = game.folding[type(entry.fact)]
    if folding.fold is not None:
        folding.fold(participant, entry, entry.fact)
    fold_outcomes(participant, entry.fact.outcomes)


def fold_outcomes(participant: Participant, outcomes: list[Outcome]) -> None:
    """Counts what limited definitions did."""
    for outcome in outcomes:
        fold_acted(outcome, participant.limit_uses, participant.limit_totals)
