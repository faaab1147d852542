"""The tables of kudos, which the migrations beside this file make."""

from pathlib import Path

from laurels.storage.tables import KeptState, Load, OwnMigrations, PeopleTable, Tables
from tests.kudos import checks, store
from tests.kudos.play import COUNTS

TABLES = Tables(
    migrations=OwnMigrations(name="kudos", folder=Path(__file__).parent / "migrations"),
    loads=(Load(need=COUNTS, load=store.load),),
    save=store.save,
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(PeopleTable(name="kudos", section="kudos", key=(("kudos_id", "uuid"),), definition="r.kudos_id"),),
    kept_states=(
        KeptState(
            kind="kudos_kind",
            shown="participants who have some",
            holders="SELECT count(*) FROM kudos WHERE kudos_id = $1",
        ),
    ),
    personal_fields=("thanks",),
)
