"""The tables of challenges."""

from laurels.mechanics.challenges import checks, store
from laurels.mechanics.challenges.play import STATES
from laurels.storage.tables import KeptState, Load, PeopleTable, Tables

TABLES = Tables(
    loads=(Load(need=STATES, load=store.load),),
    save=store.save,
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(
            name="challenge_state",
            section="challenges",
            key=(("challenge_id", "uuid"),),
            definition="r.challenge_id",
        ),
    ),
    anonymise=store.anonymise,
    personal_fields=("seen",),
    kept_states=(
        KeptState(
            kind="challenge",
            shown="participants who have taken part in it",
            holders="SELECT count(*) FROM challenge_state WHERE challenge_id = $1",
        ),
    ),
)
