"""Tiers: what awards, spending, assignments and withdrawn definitions do to the tier of a participant."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.mechanics.points.deciding.responses import PointsAwardedAnswer
from laurels.mechanics.points.purse.commands import AwardPoints
from laurels.mechanics.points.purse.model import PointsAwarded
from laurels.mechanics.tiers import rules as tiers
from laurels.mechanics.tiers.model import TIER, Tier, TierAssigned, TierAssignedAnswer, TierReached, TierStanding
from tests.core.given import (
    BRONZE,
    GOLD,
    METALS,
    NOW,
    PLATINUM,
    SILVER,
    answer,
    assign,
    award,
    deduct,
    definitions,
    participant,
    run,
    tier,
)

VIP = tier("vip", 9, 0, automatic=False)
BY_BALANCE = (BRONZE, replace(SILVER, basis="balance"), replace(GOLD, basis="balance"))
Step = tuple[str, int | str]


def play(steps: list[Step], known: Definitions, who: Participant | None = None) -> tuple[list[str], str | None]:
    """Each award's `tier_upgrade` as `previous>code`, or "", and the code of the tier at the end."""
    who = who or participant()
    commands = {"award": award, "deduct": deduct, "assign": assign}
    upgrades = []
    for verb, argument in steps:
        command = commands[verb](argument)  # type: ignore[operator]
        given = answer(who, command, known)
        if isinstance(command, AwardPoints):
            assert isinstance(given, PointsAwardedAnswer)
            rise = given.tier_upgrade
            upgrades.append(f"{rise.previous_code or ''}>{rise.code}" if rise else "")
    return upgrades, known[Tier].by_id[who[TIER].tier_id].code if who[TIER] else None


@pytest.mark.parametrize(
    ("steps", "upgrades", "ends_in"),
    [
        pytest.param([("award", 1)], [""], "bronze", id="the entry tier comes silently"),
        pytest.param([("award", 999)], [""], "bronze", id="one point short"),
        pytest.param([("award", 1_000)], ["bronze>silver"], "silver", id="the first award reaches a threshold exactly"),
        pytest.param([("award", 1_500)], ["bronze>silver"], "silver", id="the first award passes the entry tier"),
        pytest.param([("award", 50_000)], ["bronze>platinum"], "platinum", id="the first award passes all tiers"),
        pytest.param([("award", 999), ("award", 1)], ["", "bronze>silver"], "silver", id="a rise"),
        pytest.param([("award", 1_000), ("award", 1)], ["bronze>silver", ""], "silver", id="no rise twice"),
        pytest.param(
            [("award", 1), ("award", 12_000)], ["", "bronze>platinum"], "platinum", id="several levels at once"
        ),
        pytest.param(
            [("award", 1_000), ("award", 4_000), ("award", 5_000)],
            ["bronze>silver", "silver>gold", "gold>platinum"],
            "platinum",
            id="one level after another",
        ),
        pytest.param(
            [("award", 1_500), ("deduct", 1_500), ("award", 1)],
            ["bronze>silver", ""],
            "silver",
            id="spending never lowers",
        ),
        pytest.param(
            [("award", 900), ("deduct", 900), ("award", 100)],
            ["", "bronze>silver"],
            "silver",
            id="spending costs no progress",
        ),
    ],
)
def test_awards_lift(steps: list[Step], upgrades: list[str], ends_in: str) -> None:
    assert play(steps, definitions(*METALS)) == (upgrades, ends_in)


@pytest.mark.parametrize(
    ("steps", "upgrades", "ends_in"),
    [
        pytest.param([("award", 1_000)], ["bronze>silver"], "silver", id="the balance reaches the threshold"),
        pytest.param(
            [("award", 900), ("deduct", 900), ("award", 100)], ["", ""], "bronze", id="what was spent does not count"
        ),
        pytest.param(
            [("award", 900), ("deduct", 900), ("award", 1_000)], ["", "bronze>silver"], "silver", id="saved up again"
        ),
        pytest.param(
            [("award", 1_000), ("deduct", 1_000), ("award", 1)],
            ["bronze>silver", ""],
            "silver",
            id="a lower balance does not lower the tier",
        ),
    ],
)
def test_tiers_of_the_balance(steps: list[Step], upgrades: list[str], ends_in: str) -> None:
    assert play(steps, definitions(*BY_BALANCE)) == (upgrades, ends_in)


@pytest.mark.parametrize(
    ("steps", "upgrades", "ends_in"),
    [
        pytest.param([("assign", "gold")], [], "gold", id="without any points"),
        pytest.param([("assign", "gold"), ("award", 1)], [""], "gold", id="higher, then no entry tier is recorded"),
        pytest.param([("assign", "gold"), ("award", 6_000)], [""], "gold", id="higher, then its own threshold"),
        pytest.param([("assign", "gold"), ("award", 10_000)], ["gold>platinum"], "platinum", id="higher, then passed"),
        pytest.param([("award", 6_000), ("assign", "bronze")], ["bronze>gold"], "bronze", id="lower"),
        pytest.param(
            [("award", 6_000), ("assign", "bronze"), ("award", 1)],
            ["bronze>gold", ""],
            "bronze",
            id="lower holds although the points would lift",
        ),
        pytest.param(
            [("award", 6_000), ("assign", "bronze"), ("award", 3_999), ("award", 1)],
            ["bronze>gold", "", "bronze>platinum"],
            "platinum",
            id="lower holds until a higher threshold is crossed",
        ),
        pytest.param(
            [("award", 1_500), ("assign", "bronze"), ("award", 3_500)],
            ["bronze>silver", "bronze>gold"],
            "gold",
            id="lower, then the threshold after the one that was passed",
        ),
        pytest.param(
            [("award", 6_000), ("assign", "bronze"), ("award", 4_000), ("assign", "silver"), ("award", 9_000)],
            ["bronze>gold", "bronze>platinum", ""],
            "silver",
            id="lower again from the top holds for ever",
        ),
        pytest.param(
            [("award", 1_000), ("assign", "silver"), ("award", 4_000)],
            ["bronze>silver", "silver>gold"],
            "gold",
            id="into the tier one is in",
        ),
        pytest.param([("assign", "vip"), ("award", 90_000)], [""], "vip", id="a tier above all thresholds"),
    ],
)
def test_assignments(steps: list[Step], upgrades: list[str], ends_in: str) -> None:
    assert play(steps, definitions(*METALS, VIP)) == (upgrades, ends_in)


def test_an_assignment_holds_against_the_balance_too() -> None:
    steps: list[Step] = [("award", 2_000), ("assign", "bronze"), ("deduct", 500), ("award", 100)]
    assert play(steps, definitions(*BY_BALANCE)) == (["bronze>silver", ""], "bronze")
    steps.append(("award", 3_400))
    assert play(steps, definitions(*BY_BALANCE)) == (["bronze>silver", "", "bronze>gold"], "gold")


def test_an_assignment_holds_against_the_balance_of_that_moment_not_against_what_was_spent_before() -> None:
    saved_and_spent: list[Step] = [("award", 900), ("deduct", 900), ("award", 900), ("deduct", 800)]
    steps: list[Step] = [*saved_and_spent, ("assign", "bronze"), ("award", 900)]
    assert play(steps, definitions(*BY_BALANCE)) == (["", "", "bronze>silver"], "silver")


@pytest.mark.parametrize(
    ("tiers_known", "steps", "upgrades", "ends_in"),
    [
        pytest.param((), [("award", 1_000)], [""], None, id="no tiers at all"),
        pytest.param((VIP,), [("award", 90_000)], [""], None, id="only manual tiers"),
        pytest.param((SILVER, GOLD), [("award", 999)], [""], None, id="no entry tier and below all thresholds"),
        pytest.param((SILVER, GOLD), [("award", 1_000)], [">silver"], "silver", id="no entry tier, so nothing before"),
        pytest.param((GOLD, BRONZE, SILVER), [("award", 1_000)], ["bronze>silver"], "silver", id="order of definition"),
        pytest.param(
            (BRONZE, replace(SILVER, is_active=False), GOLD), [("award", 1_000)], [""], "bronze", id="inactive"
        ),
        pytest.param(
            (BRONZE, replace(SILVER, is_deleted=True), GOLD), [("award", 1_000)], [""], "bronze", id="deleted"
        ),
        pytest.param(
            (BRONZE, replace(SILVER, is_active=False), GOLD), [("award", 5_000)], ["bronze>gold"], "gold", id="skipped"
        ),
        pytest.param(
            (replace(BRONZE, is_active=False), SILVER), [("award", 1_000)], [">silver"], "silver", id="entry withdrawn"
        ),
    ],
)
def test_which_tiers_take_part(
    tiers_known: tuple[Tier, ...], steps: list[Step], upgrades: list[str], ends_in: str | None
) -> None:
    assert play(steps, definitions(*tiers_known)) == (upgrades, ends_in)


@pytest.mark.parametrize("withdrawn", [{"is_active": False}, {"is_deleted": True, "is_active": False}])
def test_who_holds_a_withdrawn_tier_keeps_it_and_rises_from_it(withdrawn: dict[str, bool]) -> None:
    who = participant()
    assert play([("award", 1_000)], definitions(*METALS), who) == (["bronze>silver"], "silver")
    later = definitions(BRONZE, replace(SILVER, **withdrawn), GOLD)
    assert play([("award", 1)], later, who) == ([""], "silver")
    assert play([("award", 3_999)], later, who) == (["silver>gold"], "gold")


def test_a_reused_code_means_the_new_tier() -> None:
    old = replace(SILVER, id="old-silver", is_deleted=True, is_active=False, min_points=1)
    who = participant()
    assert play([("award", 10)], definitions(old, *METALS), who) == ([""], "bronze")
    assert isinstance(run(who, assign("silver"), definitions(old, *METALS)), Decision)
    assert who[TIER] is not None
    assert who[TIER].tier_id == SILVER.id


@pytest.mark.parametrize(
    ("code", "rejection"),
    [
        pytest.param("emerald", DefinitionNotFound("tier", "emerald"), id="unknown"),
        pytest.param("gone", DefinitionNotFound("tier", "gone"), id="deleted"),
        pytest.param("resting", DefinitionInactive("tier", "resting"), id="inactive"),
        pytest.param("Gold", DefinitionNotFound("tier", "Gold"), id="codes mind the case"),
    ],
)
def test_refused_assignments(code: str, rejection: object) -> None:
    gone = tier("gone", 5, is_deleted=True, is_active=False)
    resting = tier("resting", 6, is_active=False)
    who = participant()
    assert run(who, assign(code), definitions(*METALS, gone, resting)) == rejection
    assert who == participant()


def test_the_answer_of_an_assignment_names_both_tiers() -> None:
    who = participant()
    run(who, award(1_000))
    assert answer(who, assign("platinum")) == TierAssignedAnswer(
        participant_id="ada",
        tier_code="platinum",
        tier_name="Platinum",
        level=4,
        previous_code="silver",
        previous_level=2,
        assigned_at=NOW,
    )


def test_the_first_award_past_the_entry_tier_records_both() -> None:
    outcome = run(participant(), award(1_000))
    assert isinstance(outcome, Decision)
    assert [entry.fact for entry in outcome.entries] == [
        PointsAwarded(amount=1_000, balance_after=1_000),
        TierReached(tier_id=BRONZE.id, tier_code="bronze", silent=True),
        TierReached(tier_id=SILVER.id, tier_code="silver", previous_tier_id=BRONZE.id),
    ]
    award_id = outcome.entries[0].id
    assert [entry.cause_id for entry in outcome.entries] == [None, award_id, award_id]


def test_a_tier_is_reached_when_the_award_happened() -> None:
    who = participant()
    yesterday = NOW - timedelta(days=1)
    run(who, award(1_000, occurred_at=yesterday))
    assert who[TIER] == TierStanding(SILVER.id, yesterday)


def test_an_assignment_keeps_the_points_of_that_moment() -> None:
    who = participant(exists=True, balance=300, total_earned=700, total_spent=400)
    outcome = run(who, assign("gold", reason="VIP"))
    assert isinstance(outcome, Decision)
    assert outcome.entries[0].fact == TierAssigned(
        tier_id=GOLD.id, tier_code="gold", held_earned=700, held_balance=300, reason="VIP"
    )
    assert who[TIER] == TierStanding(GOLD.id, NOW, 700, 300)


def test_an_assignment_into_the_present_tier_does_not_restart_it() -> None:
    who = participant()
    run(who, award(1_000, occurred_at=NOW - timedelta(days=30)))
    run(who, assign("silver"))
    assert who[TIER] is not None
    assert who[TIER].since == NOW - timedelta(days=30)


def standing(present: Tier | None, held: int | None = None) -> TierStanding | None:
    return TierStanding(present.id, NOW, held, held) if present else None


@pytest.mark.parametrize(
    ("present", "held", "earned", "coming"),
    [
        pytest.param(None, None, 0, (BRONZE, 0), id="nothing yet"),
        pytest.param(BRONZE, None, 10, (SILVER, 990), id="in the entry tier"),
        pytest.param(BRONZE, None, 999, (SILVER, 1), id="one point short"),
        pytest.param(SILVER, None, 1_000, (GOLD, 4_000), id="just risen"),
        pytest.param(SILVER, None, 9_000, (GOLD, 0), id="already enough, judged at the next award"),
        pytest.param(PLATINUM, None, 20_000, None, id="at the top"),
        pytest.param(GOLD, 10, 10, (PLATINUM, 9_990), id="assigned higher"),
        pytest.param(BRONZE, 6_000, 6_000, (PLATINUM, 4_000), id="assigned lower, passed thresholds lift no more"),
        pytest.param(BRONZE, 10_000, 10_000, None, id="assigned lower after the last threshold"),
        pytest.param(VIP, 10, 10, None, id="assigned above all"),
    ],
)
def test_next_tier(present: Tier | None, held: int | None, earned: int, coming: tuple[Tier, int] | None) -> None:
    known = definitions(*METALS, VIP)
    assert tiers.next_tier(known, standing(present, held), earned, earned) == coming


def test_the_next_tier_is_never_a_manual_or_withdrawn_one() -> None:
    known = definitions(BRONZE, replace(SILVER, automatic=False), replace(GOLD, is_active=False), PLATINUM)
    assert tiers.next_tier(known, standing(BRONZE), 0, 0) == (PLATINUM, 10_000)


def test_the_next_tier_of_the_balance_counts_what_is_left() -> None:
    known = definitions(*BY_BALANCE)
    assert tiers.next_tier(known, standing(BRONZE), 900, 100) == (BY_BALANCE[1], 900)
