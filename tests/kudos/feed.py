"""The feed events of kudos."""

from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData
from tests.kudos.model import KudosGiven, KudosKind


class KudosGivenData(FeedData, frozen=True, kw_only=True):
    """Kudos that were given."""

    kudos_code: str
    """The code of the kind of kudos."""
    kudos_name: str
    """The name of the kind of kudos."""
    number: int
    """The number of kudos."""
    thanks: str | None = None
    """The words with which they were given; null for none."""


def _given(definitions: Definitions, _: Entry, fact: KudosGiven) -> KudosGivenData:
    kind = definitions[KudosKind].by_id[fact.kudos_id]
    return KudosGivenData(kudos_code=kind.code, kudos_name=kind.name, number=fact.number, thanks=fact.thanks)


FEED = (
    announces(
        "kudos.given",
        KudosGiven,
        _given,
        about="A participant received kudos.",
        example=KudosGivenData(kudos_code="help", kudos_name="Help", number=3, thanks="Well done"),
    ),
)
