"""The composition root: the mechanics of Laurels, and the order of everything that they contribute."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pkgutil import resolve_name
from typing import Any, TypeVar

from laurels.config import simulate_api as simulate
from laurels.config import simulation
from laurels.console import pages as console
from laurels.delivery import alarm_job, feed_api, sequencer
from laurels.delivery import retention_job as feed_retention_job
from laurels.delivery.event_types import documented_events
from laurels.delivery.webhooks.mechanic import MECHANIC as WEBHOOKS
from laurels.engine.jobs.job import Job
from laurels.kernel.deciding.judging import KERNEL
from laurels.kernel.game import Game, GameOrders, refuse_twice
from laurels.mechanics.badges.mechanic import MECHANIC as BADGES
from laurels.mechanics.badges.model import GiveBadge
from laurels.mechanics.challenges.mechanic import MECHANIC as CHALLENGES
from laurels.mechanics.challenges.model import AdvanceChallenge
from laurels.mechanics.earning_caps.mechanic import MECHANIC as EARNING_CAPS
from laurels.mechanics.events.mechanic import MECHANIC as EVENTS
from laurels.mechanics.leaderboards.mechanic import MECHANIC as LEADERBOARDS
from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.participants.mechanic import MECHANIC as PARTICIPANTS
from laurels.mechanics.points.mechanic import MECHANIC as POINTS
from laurels.mechanics.points.purse.model import GivePoints, TakePoints
from laurels.mechanics.rewards.mechanic import MECHANIC as REWARDS
from laurels.mechanics.rewards.model import GrantReward
from laurels.mechanics.rules.mechanic import MECHANIC as RULES
from laurels.mechanics.streaks.mechanic import MECHANIC as STREAKS
from laurels.mechanics.streaks.model import ContinueStreak
from laurels.mechanics.tiers.mechanic import MECHANIC as TIERS
from laurels.mechanics.tiers.model import PutInTier
from laurels.office import audit_api as audit
from laurels.office import clock_api as clock
from laurels.office import erasure_api as erasure
from laurels.office import erasure_job, judging_job, retention_job, statistics_job
from laurels.office import explain_api as explain
from laurels.office import history_api as history
from laurels.office import keys_api as keys
from laurels.office import people_api as people
from laurels.office import projects_api as projects
from laurels.office import sessions_api as sessions
from laurels.office import statistics_api as statistics
from laurels.storage.base.tables import BASE, LIMITS
from laurels.storage.checking import invariants
from laurels.storage.tables import AllTables, TableOrders, compose
from laurels.web import health, worker
from laurels.web.api import Sections
from laurels.web.application import Application
from laurels.web.definitions import DefinitionResource
from laurels.web.documentation import page
from laurels.web.documentation.openapi import DocumentedEvent
from laurels.web.endpoint import API_PREFIX, Endpoint

MECHANICS: tuple[Mechanic, ...] = (
    POINTS,
    TIERS,
    BADGES,
    STREAKS,
    LEADERBOARDS,
    REWARDS,
    CHALLENGES,
    RULES,
    EARNING_CAPS,
    EVENTS,
    WEBHOOKS,
    PARTICIPANTS,
)

ORDERS = TableOrders(
    invariants=(
        invariants.ACCOUNTS,
        *POINTS.tables.invariants,
        *REWARDS.tables.invariants,
        invariants.KEYS,
        *TIERS.tables.invariants,
        *LIMITS.invariants,
        *LEADERBOARDS.tables.invariants,
    ),
    projections=(
        "tier history",
        "badges",
        "streaks",
        "challenges",
        "uses of limits",
        "lots",
        "holds",
        "claims",
        "reversals",
        "standings",
        "standings with counts",
    ),
    exported=(
        BASE,
        TIERS.tables,
        BADGES.tables,
        STREAKS.tables,
        CHALLENGES.tables,
        LIMITS,
        POINTS.tables,
        REWARDS.tables,
        LEADERBOARDS.tables,
    ),
    locks=(LIMITS, REWARDS.tables, LEADERBOARDS.tables),
    saves=(
        TIERS.tables,
        BADGES.tables,
        STREAKS.tables,
        CHALLENGES.tables,
        POINTS.tables,
        PARTICIPANTS.tables,
    ),
)
"""The order of the results of `laurels check`, of the rows in an export of a participant, and of locks and writes."""


OFFICE = (
    explain.routes,
    simulate.routes,
    erasure.routes,
    people.routes,
    history.routes,
    clock.routes,
    projects.routes,
    keys.routes,
    audit.routes,
    sessions.routes,
    statistics.routes,
)

REACTIONS = (POINTS, TIERS, RULES, CHALLENGES, BADGES, STREAKS, LEADERBOARDS, REWARDS, EVENTS, PARTICIPANTS)
"""The order in which mechanics react: at once, to an event, at the end of a round, and when a participant is judged
again."""

ACTIONS = (GivePoints, TakePoints, PutInTier, ContinueStreak, AdvanceChallenge, GiveBadge, GrantReward)
"""The order in which the actions of one definition take effect, regardless of their order in the definition."""

EFFECTS = ("points", "tier_upgrade", "streaks", "challenges", "badges", "rewards")
"""The order in which a response shows the effects of a command."""

TAGS = (
    "Points",
    "Badges",
    "Tiers",
    "Leaderboards",
    "Streaks",
    "Rewards",
    "Challenges",
    "Rules",
    "Earning caps",
    "Events",
    "Feed",
    "Webhooks",
    "Simulation",
    "Participants",
    "Clock",
    "Projects",
    "Keys",
    "Audit log",
    "Sessions",
    "Statistics",
)
"""The order of tags in the OpenAPI document and of the methods of the clients. Other tags come last."""

TASKS = (
    "Participants",
    "Events",
    "Points",
    "Badges",
    "Tiers",
    "Streaks",
    "Challenges",
    "Leaderboards",
    "Rewards",
    "Rules",
    "Earning caps",
    "Feed",
    "Webhooks",
    "Simulation",
    "Statistics",
    "Clock",
    "Keys",
    "Audit log",
    "Projects",
)
"""The order of groups on the page `/docs`; further tags come behind."""

KINDS = ("tier", "badge", "streak", "leaderboard", "reward", "challenge", "rule", "earning_cap", "webhook")
"""The order in which definitions are created: a kind comes before the kinds that refer to it. Other kinds come last.
References are checked when all definitions are created."""

STATE_SECTIONS = ("points", "tier", "badges", "streaks", "challenges", "rewards")
PROFILE_SECTIONS = ("points", "tier", "badges", "streaks", "rewards_claimed", "total_events")
"""The order of the sections in responses about a participant. Other sections come last."""

JOBS = (
    "convert_boards",
    "fill_boards",
    "tick_boards",
    "lay_out_boards",
    "sweep_expiries",
    "ring_alarms",
    "judge_anew",
    "lay_out_all_boards",
    "store_board_results",
    "remove_retired_boards",
    "forget_events",
    "erase",
    "remove_empty_counts",
    "forget_old_keys",
    "forget_feed",
    "count_statistics",
)
"""The order in which jobs have their turns. Other jobs come last."""

Thing = TypeVar("Thing")


class Composition:
    """Mechanics and the parts that they form together. Each part is created once, on first use."""

    def __init__(self, mechanics: Sequence[Mechanic], place: str = "") -> None:
        """`place` is the place from which other processes load the composition, as "module:name". Raises ClashError for
        two mechanics with the same name."""
        self.mechanics = tuple(mechanics)
        refuse_twice(mechanic.name for mechanic in mechanics)
        self.place = place

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        """Sends only the place to another process, because functions cannot be pickled."""
        return resolve_name, (self.place,)

    @cached_property
    def game(self) -> Game:
        """The rules of the game. Listeners of an event run in the order of REACTIONS."""
        in_order = [*REACTIONS, *(mechanic for mechanic in self.mechanics if mechanic not in REACTIONS)]
        plays = [KERNEL, *(mechanic.play for mechanic in in_order)]
        more = [acting.action for play in plays for acting in play.actions if acting.action not in ACTIONS]
        shown = [effect.name for play in plays for effect in play.effects if effect.name not in EFFECTS]
        return Game(plays, GameOrders(actions=(*ACTIONS, *more), effects=(*EFFECTS, *shown)))

    @cached_property
    def _resource_of(self) -> dict[Hashable, DefinitionResource]:
        """The resource of each declaration."""
        return {
            declared: declared.made(self.game) for mechanic in self.mechanics for declared in mechanic.api.resources
        }

    @cached_property
    def resources(self) -> list[DefinitionResource]:
        """The resources that edit definitions, one for each kind."""
        declared = [declared for mechanic in self.mechanics for declared in mechanic.api.resources]
        return _unique_in_order(
            KINDS, [self._resource_of[each] for each in declared], lambda resource: resource.kind.name
        )

    @cached_property
    def sections(self) -> Sections:
        """The sections of responses about a participant."""
        state = [section for mechanic in self.mechanics for section in mechanic.api.state_sections]
        profile = [section for mechanic in self.mechanics for section in mechanic.api.profile_sections]
        return Sections(
            state=tuple(_unique_in_order(STATE_SECTIONS, state, lambda section: section.name)),
            profile=tuple(_unique_in_order(PROFILE_SECTIONS, profile, lambda section: section.name)),
        )

    @cached_property
    def jobs(self) -> list[Job]:
        """The background jobs of one process."""
        collected = [job for mechanic in self.mechanics for job in mechanic.jobs]
        collected += [*judging_job.JOBS, retention_job.job(), *erasure_job.JOBS, feed_retention_job.JOB, alarm_job.JOB]
        collected += statistics_job.JOBS
        return _unique_in_order(JOBS, collected, lambda job: job.name)

    @cached_property
    def tables(self) -> AllTables:
        """The tables of storage and mechanics."""
        kinds = [resource.kind for resource in self.resources]
        return compose(self.game, [BASE, LIMITS, *(mechanic.tables for mechanic in self.mechanics)], kinds, ORDERS)

    def present_tables(self) -> AllTables:
        """The tables. Unlike the property, this method can be passed to another process."""
        return self.tables

    @cached_property
    def events(self) -> list[DocumentedEvent]:
        """The types of feed events, as the OpenAPI document describes them."""
        return documented_events(self.game.feed)

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """All endpoints with their full paths."""
        apis = [mechanic.api for mechanic in self.mechanics]
        collected = [routes for api in apis for routes in api.routes]
        collected += [api.routes_of_sections(self.sections) for api in apis if api.routes_of_sections]
        collected += [*OFFICE, feed_api.routes_for(self.game.feed, self.events)]
        in_order = _in_order(TAGS, collected, lambda routes: routes.tag)
        endpoints = [
            endpoint for routes in in_order for endpoint in routes.filled(self._resource_of).endpoints_under(API_PREFIX)
        ]
        endpoints += [*health.routes.endpoints, *console.routes.endpoints]
        refuse_twice(f"{endpoint.method} {endpoint.path}" for endpoint in endpoints)
        refuse_twice(endpoint.operation for endpoint in endpoints)
        endpoints = [replace(endpoint, stand_ins=self.game.stand_ins) for endpoint in endpoints]
        return endpoints + page.routes_for(endpoints, TASKS, self.events).endpoints

    def create(self) -> Application:
        """The ASGI application of one worker, configured by environment variables."""
        return worker.application(self.endpoints, self.jobs, self.tables, self.place, (sequencer.run,))

    def simulate_one(self) -> None:
        """The main function of a simulation process."""
        simulation.main(self.tables)


def _in_order(names: Sequence[str], things: Iterable[Thing], name_of: Callable[[Thing], str]) -> list[Thing]:
    """The things in the order of `names`. Things with other names come last, in their own order."""
    ranks = {name: rank for rank, name in enumerate(names)}
    return sorted(things, key=lambda thing: ranks.get(name_of(thing), len(ranks)))


def _unique_in_order(names: Sequence[str], things: Sequence[Thing], name_of: Callable[[Thing], str]) -> list[Thing]:
    """The things in the order of `names`. Raises ClashError for two things with the same name."""
    refuse_twice(map(name_of, things))
    return _in_order(names, things, name_of)


COMPOSITION = Composition(MECHANICS, "laurels.app:COMPOSITION")
"""The composition of Laurels."""

TABLES = COMPOSITION.tables
