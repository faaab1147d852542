"""Which state a command can touch, beyond the participant's account, which every command needs.

`decide` answers the same when everything outside a command's needs is removed from the state.
"""

from msgspec import Struct

from laurels.core.commands import AwardBadge, Command, RecordStreak, RevokeBadge, SaveProfile


class Needs(Struct, frozen=True):
    """`streaks` includes the participant's time zone."""

    profile: bool = False
    badges: bool = False
    streaks: bool = False


ACCOUNT_ONLY = Needs()
_NEEDS: dict[type[Command], Needs] = {
    SaveProfile: Needs(profile=True),
    AwardBadge: Needs(badges=True),
    RevokeBadge: Needs(badges=True),
    RecordStreak: Needs(streaks=True),
}


def needs(command: Command) -> Needs:
    return _NEEDS.get(type(command), ACCOUNT_ONLY)
