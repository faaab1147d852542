"""A participant's state at one moment, to come back to.

Folding replaces what the dictionaries of a state hold, so copies of the dictionaries are enough.
"""

from datetime import datetime

import msgspec
from msgspec import Struct

from laurels.kernel.model import Account, LimitWindow, Participant
from laurels.mechanics.challenges.model import ChallengeState
from laurels.mechanics.rewards.model import Claim, Stock
from laurels.mechanics.streaks.model import StreakState


class Snapshot(Struct, frozen=True):
    """Of all that the actions of a definition can change."""

    account: Account
    badges: dict[str, datetime]
    streaks: dict[str, StreakState]
    challenges: dict[str, ChallengeState]
    limit_uses: dict[LimitWindow, int]
    lots: dict[datetime, int]
    endings: list[tuple[datetime, int, str]] | None
    claims: dict[str, Claim]
    claim_counts: dict[str, int]
    standing_claims: int
    stocks: dict[str, Stock]

    @classmethod
    def of(cls, participant: Participant) -> "Snapshot":
        return cls(
            msgspec.structs.replace(participant.account),
            dict(participant.badges),
            dict(participant.streaks),
            dict(participant.challenges),
            dict(participant.limit_uses),
            dict(participant.lots),
            None if participant.endings is None else list(participant.endings),
            dict(participant.claims),
            dict(participant.claim_counts),
            participant.standing_claims,
            dict(participant.stocks),
        )

    def restore(self, participant: Participant) -> None:
        participant.account = self.account
        participant.badges = self.badges
        participant.streaks = self.streaks
        participant.challenges = self.challenges
        participant.limit_uses = self.limit_uses
        participant.lots = self.lots
        participant.endings = self.endings
        participant.claims = self.claims
        participant.claim_counts = self.claim_counts
        participant.standing_claims = self.standing_claims
        # The one dictionary of all participants stays the same object.
        participant.stocks.update(self.stocks)
