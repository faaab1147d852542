"""What mechanics list, put together: nothing is left out, and each order is the one that is written here."""

from dataclasses import replace
from typing import Any, ClassVar, get_args, get_type_hints

import msgspec
import pytest

from laurels import app
from laurels.app import COMPOSITION, MECHANICS, ORDERS, POINTS, TABLES
from laurels.kernel.cel.expressions import Conditions, ExpressionError
from laurels.kernel.cel.types import NUMBER, TEXT
from laurels.kernel.deciding.listing import explains, folds, reads
from laurels.kernel.facts import Fact
from laurels.kernel.game import ClashError
from laurels.kernel.measures import Measure, Scope, adds
from laurels.kernel.play import Play, Variable
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.leaderboards import store as leaderboards
from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points.purse.model import PointsAwarded, PointsFact
from laurels.mechanics.rewards import store as rewards
from laurels.storage import limits
from laurels.storage.projections import Projection
from laurels.storage.tables import Invariant, KeptState, PeopleTable, Tables, compose
from laurels.web.api import Api, Section


class Unlisted(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "unlisted"


def test_the_check_shows_every_invariant_in_order() -> None:
    assert [invariant.name for invariant in TABLES.invariants] == [
        "every participant has one account and every account a participant",
        "balance = earned - spent - expired - held, and none is below 0",
        "facts are counted without gaps and each transaction follows the balance before it",
        "the account is the sum of its facts",
        "points that expire are part of the balance",
        "held points are those of the open holds",
        "the items taken of a reward match its claims, those of erased people included",
        "every claimed code belongs to one claim, and every claim has its code",
        "the counts of available codes match the codes",
        "every idempotency key belongs to a fact",
        "the current tier is the last one in the tier history",
        "the total uses of a rule match the uses of all participants, erased ones included",
        "the counts of scores are those of the standings",
        "the counts of scores agree on all levels",
        "each leaf counts the people in it",
        "each part counts the people of its leaves",
        "leaves are in their parts",
        "everybody stands in the leaf of the score",
        "standings without facts are in no leaf",
        "the events of each participant are in the feed in their order",
        "the deliveries of each webhook are numbered without gaps",
        "every event that a webhook has reached has a delivery",
        "every delivery is of its event in the feed",
    ]
    listed = {each.name for mechanic in MECHANICS for each in mechanic.tables.invariants}
    assert listed <= {invariant.name for invariant in TABLES.invariants}


def test_an_erasure_locks_what_people_share_in_the_order_of_batches() -> None:
    assert [shared.leave for shared in TABLES.shared] == [limits.leave, rewards.leave, leaderboards.leave]
    assert [shared.leave for shared in TABLES.shared if shared.is_left_by_anonymous] == [leaderboards.leave]


def test_shared_rows_need_a_place_in_the_order_of_locks() -> None:
    with pytest.raises(ValueError, match="order of locks"):
        compose(
            COMPOSITION.game,
            [mechanic.tables for mechanic in MECHANICS],
            TABLES.kinds,
            replace(ORDERS, locks=ORDERS.locks[:-1]),
        )


def test_an_erasure_clears_every_field_of_facts_that_may_speak_of_the_person() -> None:
    assert set(TABLES.personal_fields) == {"reason", "metadata", "properties", "numbers", "seen"}


def test_an_export_shows_rows_in_order() -> None:
    assert [table.section for table in TABLES.people] == [
        "participant",
        "account",
        "tier_history",
        "badges",
        "streaks",
        "challenges",
        "limits",
        "expiring_points",
        "holds",
        "reversals",
        "claims",
        "scores",
        "scores",
        "ranks",
        "results",
    ]


def test_tables_of_lanes_lie_beside_that_of_participants() -> None:
    assert TABLES.by_lane[0] == "participant"
    assert [spread.tables[0] for spread in TABLES.apart] == ["reward_stock"]


def test_a_rebuild_compares_every_projection_in_order() -> None:
    assert tuple(projection.name for projection in TABLES.projections) == ORDERS.projections


def test_every_place_in_an_order_is_taken_and_every_thing_has_its_place() -> None:
    sections = app.COMPOSITION.sections
    assert tuple(section.name for section in sections.state) == app.STATE_SECTIONS
    assert tuple(section.name for section in sections.profile) == app.PROFILE_SECTIONS
    assert tuple(resource.kind.name for resource in app.COMPOSITION.resources) == app.KINDS
    assert tuple(job.name for job in app.COMPOSITION.jobs) == app.JOBS
    tags = tuple(dict.fromkeys(endpoint.tag for endpoint in app.COMPOSITION.endpoints))
    assert tags == (*app.TAGS, "Operation", "Console", "Documentation")


def test_what_has_no_place_comes_behind() -> None:
    sections = app.Composition([EXTRA, *MECHANICS]).sections
    assert [section.name for section in sections.state] == [*app.STATE_SECTIONS, "extra"]
    profile = next(
        endpoint
        for endpoint in app.Composition([EXTRA, *MECHANICS]).endpoints
        if endpoint.operation == "get_participant"
    )
    assert "extra" not in profile.answers[200].__struct_fields__
    state = next(
        endpoint
        for endpoint in app.Composition([EXTRA, *MECHANICS]).endpoints
        if endpoint.operation == "participant_state"
    )
    assert state.answers[200].__struct_fields__[-1] == "extra"
    assert state.answer_example["extra"] == 1


def test_what_two_mechanics_have_is_refused() -> None:
    with pytest.raises(ValueError, match="more than one mechanic has extra"):
        app.Composition([EXTRA, EXTRA])
    namesake = replace(EXTRA, name="namesake")
    with pytest.raises(ValueError, match="more than one mechanic has extra"):
        _ = app.Composition([EXTRA, namesake]).sections
    again = Mechanic(name="again", api=MECHANICS[-1].api)
    with pytest.raises(ValueError, match="more than one mechanic has POST /api/v1/gamify/participants"):
        _ = app.Composition([*MECHANICS, again]).endpoints


@pytest.mark.parametrize(
    ("clashing", "named"),
    [
        (Tables(people=(PeopleTable(name="participant", section="again"),)), "the table participant"),
        (Tables(kept_states=(KeptState(kind="rule", shown="again"),)), "the holders of a deleted rule"),
        (Tables(account=POINTS.tables.account), "the account's column balance"),
    ],
)
def test_tables_that_clash_are_refused(clashing: Tables, named: str) -> None:
    with pytest.raises(ClashError, match=f"more than one mechanic has {named}"):
        _ = app.Composition([*MECHANICS, Mechanic(name="clashing", tables=clashing)]).tables


def test_a_game_needs_one_mechanic_that_settles() -> None:
    settling = Mechanic(name="settling", play=Play(settlement=POINTS.play.settlement))
    with pytest.raises(ClashError, match="2 mechanics have a settlement; exactly one must have it"):
        _ = app.Composition([*MECHANICS, settling]).game


def _empty(*_: object) -> str:
    return ""


def _one(_fact: Fact, _scope: Scope) -> int:
    return 1


def test_leaderboards_rank_by_the_measures_of_all_mechanics() -> None:
    measures = COMPOSITION.game.measures
    of_events = ["event_count", "event_sum", "event_max", "event_min", "event_last"]
    assert list(measures) == ["points_earned", "points_balance", *of_events]
    [board] = [resource.kind for resource in COMPOSITION.resources if resource.kind.name == "leaderboard"]
    assert get_args(get_type_hints(board.body)["metric"]) == tuple(measures)
    kinds = {name: {fact.kind for fact in facts} for name, facts in COMPOSITION.game.additions.items()}
    assert kinds["points_earned"] == {"points_awarded", "award_reversed"}
    assert {"reward_claimed", "points_expired"} < kinds["points_balance"]
    assert "hold_captured" not in kinds["points_balance"]


@pytest.mark.parametrize(
    ("measure", "problem"),
    [
        (Measure(name="event_sum", additions=(adds(EventRecorded, _one),)), "more than one mechanic has event_sum"),
        (
            Measure(name="nothing", additions=(adds(Unlisted, _one),)),
            "No mechanic lists a fact Unlisted that adds to nothing",
        ),
        (
            Measure(name="doubled", additions=(adds(PointsFact, _one), adds(PointsAwarded, _one))),
            "more than one mechanic has an addition of points_awarded to doubled",
        ),
    ],
)
def test_measures_that_cannot_be_counted_are_refused(measure: Measure, problem: str) -> None:
    with pytest.raises(ClashError, match=problem):
        _ = app.Composition([*MECHANICS, Mechanic(name="measuring", play=Play(measures=(measure,)))]).game


def test_explain_shows_listed_facts_alone() -> None:
    play = Play(showing=(explains(Unlisted, lambda *_: None),))
    with pytest.raises(ClashError, match="No mechanic lists a fact Unlisted that explain shows"):
        _ = app.Composition([*MECHANICS, Mechanic(name="showing", play=play)]).game


@pytest.mark.parametrize(
    ("variables", "changes", "problem"),
    [
        ([reads("participant.tier", TEXT, _empty)], [], "more than one mechanic has participant.tier"),
        ([Variable(name="participant.x", type=None, read=_empty)], [], "participant.x has no type"),  # type: ignore[arg-type]
        (
            [reads("participant.tier.x", TEXT, _empty)],
            [],
            "participant.tier and participant.tier.x clash",
        ),
        ([reads("participant", TEXT, _empty)], [], "participant and participant.balance clash"),
        ([reads("now", TEXT, _empty)], [], "names of the variables now and now clash"),
        ([reads("participant.X", TEXT, _empty)], [], "'participant.X' is not a variable name"),
        ([], ["participant.x"], "Facts change variables that no mechanic lists: participant.x"),
    ],
)
def test_variables_that_cannot_be_read_are_refused(variables: list[Variable], changes: list[str], problem: str) -> None:
    play = Play(variables=tuple(variables), facts=(folds(Unlisted, changes=frozenset(changes)),))
    with pytest.raises(ClashError, match=problem):
        _ = app.Composition([*MECHANICS, Mechanic(name="reading", play=play)]).game


def test_two_games_do_not_see_each_others_expressions() -> None:
    """Whichever of them has compiled a source first."""
    as_text, as_number = (
        app.Composition(
            [*MECHANICS, Mechanic(name="x", play=Play(variables=(reads("participant.x", kind, _empty),)))]
        ).game
        for kind in (TEXT, NUMBER)
    )
    source = "participant.x == 'a'"
    assert as_text.expressions.condition(source).holds(as_text.expressions.values({"participant.x": "a"}))
    for game in (as_number, COMPOSITION.game):
        with pytest.raises(ExpressionError):
            game.expressions.condition(source)
        with pytest.raises(ExpressionError):
            Conditions(game.expressions, [source])
    assert as_number.expressions.condition("participant.x == 1").reads == {"participant.x"}
    with pytest.raises(ExpressionError):
        as_text.expressions.amount("participant.x")


def test_what_is_written_is_checked_by_the_variables_of_its_game() -> None:
    extra = Mechanic(name="x", play=Play(variables=(reads("participant.x", TEXT, _empty),)))
    rule: dict[str, Any] = {"code": "r", "name": "R", "event_name": "e", "condition": "participant.x == 'a'"}
    rule |= {"actions": [{"type": "award_points", "amount": 1}]}
    badge = {"code": "b", "name": "B", "criteria": "participant.x == 'a' && participant.balance > 0"}
    objective = {"code": "o", "event_name": "e", "target": 1, "condition": "participant.x == 'a'"}
    challenge = {"code": "c", "name": "C", "objectives": [objective]}
    with_it, without = app.Composition([*MECHANICS, extra]), app.Composition(MECHANICS)
    for kind, written in (("rule", rule), ("badge", badge), ("challenge", challenge)):
        bodies = [
            next(resource.kind.body for resource in composition.resources if resource.kind.name == kind)
            for composition in (with_it, without)
        ]
        assert msgspec.convert(written, bodies[0])
        with pytest.raises(msgspec.ValidationError, match="unknown name 'participant"):
            msgspec.convert(written, bodies[1])


async def _extra(_request: Any, _found: Any, _definitions: Any) -> int:
    return 1


EXTRA = Mechanic(name="extra", api=Api(state_sections=(Section(name="extra", type=int, read=_extra, example=1),)))


def _nothing(_rows: object) -> dict[str, int]:
    return {}


KUDOS = Mechanic(
    name="kudos",
    tables=Tables(
        invariants=(Invariant("nobody has less than no kudos", "SELECT '' AS name, '' AS wrong WHERE false"),),
        projections=(Projection(name="kudos", table="kudos", stored=_nothing, rebuilt=_nothing),),
        people=(PeopleTable(name="kudos", section="kudos"),),
        everywhere=("kudos_kind",),
        personal_fields=("thanks",),
    ),
)


def test_what_another_mechanic_lists_comes_after_what_has_a_place() -> None:
    together = app.Composition((*MECHANICS, KUDOS)).tables
    assert together.invariants == (*TABLES.invariants, *KUDOS.tables.invariants)
    assert together.projections == (*TABLES.projections, *KUDOS.tables.projections)
    assert together.people == (*TABLES.people, *KUDOS.tables.people)
    assert set(together.by_lane) - set(TABLES.by_lane) == {"kudos"}
    assert set(together.everywhere) - set(TABLES.everywhere) == {"kudos_kind"}
    assert set(together.personal_fields) - set(TABLES.personal_fields) == {"thanks"}
