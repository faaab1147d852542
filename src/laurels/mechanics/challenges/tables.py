"""The tables of challenges."""

from laurels.mechanics.challenges import checks, store
from laurels.mechanics.challenges.play import STATES
from laurels.storage.statistics import Statistic
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
    statistics=(
        Statistic(name="challenges_joined", facts={"challenge_joined": 1}, code="challenge_code"),
        Statistic(name="challenges_completed", facts={"challenge_completed": 1}, code="challenge_code"),
    ),
    activity=("challenge_joined", "challenge_left"),
)
