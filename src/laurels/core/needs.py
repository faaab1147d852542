"""Which state a command can touch, beyond the participant's account, which every command needs.

`decide` answers the same when everything outside a command's needs is removed from the state.
"""

from msgspec import Struct

from laurels.core.commands import Command, SaveProfile


class Needs(Struct, frozen=True):
    profile: bool = False


_ACCOUNT_ONLY = Needs()
_WITH_PROFILE = Needs(profile=True)


def needs(command: Command) -> Needs:
    return _WITH_PROFILE if isinstance(command, SaveProfile) else _ACCOUNT_ONLY
