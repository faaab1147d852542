"""The core's view of definitions, made from the rows that admins edit: one function a kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from laurels.core import decimals
from laurels.core.actions import AnyAction
from laurels.core.model import (
    LATE_PERIODS,
    Badge,
    Calendar,
    Challenge,
    Definitions,
    EarningCap,
    Generation,
    Leaderboard,
    Limit,
    Milestone,
    Objective,
    Reward,
    Rule,
    Streak,
    Tier,
)


class Stored(Struct, frozen=True, kw_only=True):
    """What of a definition's row the core's view of it is made from."""

    id: str
    kind: str
    code: str
    body: dict[str, Any]
    version: int
    is_active: bool
    is_deleted: bool
    display_order: int


def build(
    version: int, calendar: Calendar, rows: Iterable[Stored], generations: Mapping[str, tuple[Generation, ...]]
) -> Definitions:
    """The core's view. `generations` are those of leaderboards, by the definition's id."""
    by_kind: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    return Definitions(
        version,
        tiers=map(_tier, by_kind["tier"]),
        badges=map(_badge, by_kind["badge"]),
        streaks=map(_streak, by_kind["streak"]),
        leaderboards=[_leaderboard(row, generations.get(row.id, ())) for row in by_kind["leaderboard"]],
        rules=map(_rule, by_kind["rule"]),
        challenges=map(_challenge, by_kind["challenge"]),
        rewards=map(_reward, by_kind["reward"]),
        earning_caps=map(_earning_cap, by_kind["earning_cap"]),
        calendar=calendar,
    )


def _tier(row: Stored) -> Tier:
    body = row.body
    criteria = body["criteria_config"] or {"min_points": 0, "basis": "total_earned"}
    return Tier(
        id=row.id,
        code=row.code,
        name=body["name"],
        level=body["level"],
        color=body["color"],
        automatic=body["award_type"] == "automatic",
        min_points=criteria["min_points"],
        basis=criteria["basis"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _badge(row: Stored) -> Badge:
    body = row.body
    return Badge(
        id=row.id,
        code=row.code,
        name=body["name"],
        description=body["description"],
        icon_url=body["icon_url"],
        rarity=body["rarity"],
        display_order=row.display_order,
        is_hidden=body["is_hidden"],
        criteria=body.get("criteria"),
        version=row.version,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _streak(row: Stored) -> Streak:
    body = row.body
    return Streak(
        id=row.id,
        code=row.code,
        name=body["name"],
        period=body["period"],
        grace_period_hours=body["grace_period_hours"],
        display_order=row.display_order,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _leaderboard(row: Stored, generations: tuple[Generation, ...]) -> Leaderboard:
    body = row.body
    return Leaderboard(
        id=row.id,
        code=row.code,
        name=body["name"],
        time_window=body["time_window"],
        generations=generations,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _rule(row: Stored) -> Rule:
    body = row.body
    return Rule(
        id=row.id,
        code=row.code,
        name=body["name"],
        event_name=body["event_name"],
        version=row.version,
        condition=body["condition"],
        actions=msgspec.convert(body["actions"], tuple[AnyAction, ...]),
        limits=_limits(body["limit"] or {}),
        starts_at=_moment(body["starts_at"]),
        ends_at=_moment(body["ends_at"]),
        priority=body["priority"],
        group=body["group"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _limits(limit: dict[str, dict[str, int]]) -> tuple[Limit, ...]:
    return tuple(
        Limit(times, per, scope == "in_total")  # type: ignore[arg-type]
        for scope in ("per_participant", "in_total")
        for per, times in (limit.get(scope) or {}).items()
        if times is not None
    )


def _challenge(row: Stored) -> Challenge:
    body = row.body
    return Challenge(
        id=row.id,
        code=row.code,
        name=body["name"],
        objectives=tuple(_objective(objective) for objective in body["objectives"]),
        description=body["description"],
        icon_url=body["icon_url"],
        version=row.version,
        joins_automatically=body["join_type"] == "automatic",
        is_repeatable=body["is_repeatable"],
        starts_at=_moment(body["starts_at"]),
        ends_at=_moment(body["ends_at"]),
        duration_days=body["duration_days"],
        period=body.get("period"),
        late_periods=LATE_PERIODS if body.get("late_periods") is None else body["late_periods"],
        milestones=msgspec.convert(body["milestones"], tuple[Milestone, ...]),
        actions=msgspec.convert(body["actions"], tuple[AnyAction, ...]),
        display_order=row.display_order,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _objective(body: dict[str, Any]) -> Objective:
    target = decimals.millionths(body["target"]) if body["measure"] == "sum" else int(body["target"])
    return Objective(
        code=body["code"],
        name=body["name"] or body["code"],
        event_name=body["event_name"],
        target=target or 1,
        measure=body["measure"],
        property=body["property"],
        condition=body["condition"],
        requires=tuple(body["requires"]),
    )


def _reward(row: Stored) -> Reward:
    body = row.body
    config = body["config"] or {}
    return Reward(
        id=row.id,
        code=row.code,
        name=body["name"],
        type=body["type"],
        description=body["description"],
        display_order=row.display_order,
        points_cost=body["points_cost"],
        max_claims_per_user=body["max_claims_per_user"],
        total_inventory=body["total_inventory"],
        has_codes=body["has_codes"],
        starts_at=_moment(body["starts_at"]),
        ends_at=_moment(body["ends_at"]),
        required_tier=body["required_tier"],
        required_badges=tuple(body["required_badges"]),
        multiplier_millionths=decimals.millionths(config.get("multiplier")),
        duration_hours=config.get("duration_hours"),
        version=row.version,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _earning_cap(row: Stored) -> EarningCap:
    body = row.body
    return EarningCap(
        id=row.id,
        code=row.code,
        name=body["name"],
        period=body["period"],
        points=body["points"],
        rule_code=body["rule_code"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = msgspec.convert(text, datetime)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
