"""The feed events of participants. None holds a profile: personal data stay in one place, from which they are
erased."""

from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.feed import FeedData, FeedType
from laurels.mechanics.participants.model import ParticipantRegistered, ProfileChanged


class ParticipantCreatedData(FeedData, frozen=True, kw_only=True):
    """A new participant."""

    is_registered: bool = False
    """Whether a request registered the participant. Otherwise the first event or award created the participant."""


class ParticipantUpdatedData(FeedData, frozen=True, kw_only=True):
    """The profile that was changed."""

    fields: list[str]
    """The names of the changed fields."""


def _created(_: Definitions, __: Entry, fact: Fact) -> ParticipantCreatedData:
    return ParticipantCreatedData(is_registered=isinstance(fact, ParticipantRegistered))


def _updated(_: Definitions, __: Entry, fact: ProfileChanged) -> ParticipantUpdatedData:
    return ParticipantUpdatedData(fields=fact.fields)


FEED = (
    FeedType(
        name="participant.created",
        about="A participant is new: registered, or created by a first event or award.",
        example=ParticipantCreatedData(is_registered=True),
        describe=_created,
        is_first=True,
    ),
    announces(
        "participant.updated",
        ProfileChanged,
        _updated,
        about="The profile of a participant was changed.",
        example=ParticipantUpdatedData(fields=["display_name"]),
    ),
)
