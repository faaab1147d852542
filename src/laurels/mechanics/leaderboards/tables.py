"""The tables of leaderboards."""

from laurels.mechanics.leaderboards import checks, generations, store
from laurels.storage.tables import ExternalData, KeptState, PeopleTable, SharedRows, Tables

_BOARD = "(SELECT g.definition_id FROM board_generation g WHERE g.id = r.generation)"
_WINDOW = (("generation", "integer"), ("window_key", "integer"))

_INTERNAL_COLUMNS = (
    *("tie_1", "tie_2", "tie_3", "tie_at", "tie_name", "has_changed"),
    *("score_at", "tie_1_at", "tie_2_at", "tie_3_at"),
)

TABLES = Tables(
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(name="standing", section="scores", key=_WINDOW, definition=_BOARD, is_left=True),
        PeopleTable(
            name="board_standing",
            section="scores",
            unshown=("leaf", *_INTERNAL_COLUMNS),
            key=_WINDOW,
            definition=_BOARD,
            is_left=True,
        ),
        PeopleTable(
            name="ticked_rank",
            section="ranks",
            key=_WINDOW,
            definition=_BOARD,
            is_searched_for_locks=False,
            is_left=True,
        ),
        PeopleTable(
            name="board_result",
            section="results",
            key=(("definition_id", "uuid"), ("period", "text")),
            definition="r.definition_id",
            is_searched_for_locks=False,
            is_left=True,
        ),
    ),
    by_lane=("score_count", "board_leaf", "board_part"),
    everywhere=("board_generation", "board_tick", "board_closing"),
    shared=SharedRows(
        leave=store.leave,
        save=store.save,
        locked_elsewhere=store.locked_elsewhere,
        is_left_by_anonymous=True,
    ),
    external_data=(
        ExternalData(
            kind="leaderboard",
            query=generations.GENERATIONS_OF_BOARD,
            complete=generations.with_generations,
        ),
    ),
    kept_states=(KeptState(kind="leaderboard", shown="it is filled again"),),
)
