"""The tables of badges."""

from laurels.mechanics.badges import checks, store
from laurels.mechanics.badges.play import EARNED
from laurels.storage.statistics import Statistic
from laurels.storage.tables import KeptState, Load, PeopleTable, Tables

TABLES = Tables(
    loads=(Load(need=EARNED, load=store.load),),
    save=store.save,
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(
            name="earned_badge",
            section="badges",
            key=(("earned_at", "timestamptz"), ("badge_id", "uuid")),
            definition="r.badge_id",
        ),
    ),
    personal_fields=("reason", "metadata"),
    kept_states=(
        KeptState(
            kind="badge",
            shown="participants who have earned it",
            holders="SELECT count(*) FROM earned_badge WHERE badge_id = $1",
        ),
    ),
    statistics=(
        Statistic(name="badges_earned", facts={"badge_earned": 1}, code="badge_code"),
        Statistic(name="badges_revoked", facts={"badge_revoked": 1}, code="badge_code"),
    ),
)
