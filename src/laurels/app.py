"""The composition root: what Laurels is made of."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pkgutil import resolve_name
from typing import Any, TypeVar

from laurels.config import simulate_api as simulate
from laurels.config import simulation
from laurels.engine.jobs.job import Job
from laurels.kernel.deciding.judging import KERNEL
from laurels.kernel.game import Game, refuse_twice
from laurels.kernel.game import Orders as GameOrders
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
from laurels.office import erasure_job, judging_job, retention_job
from laurels.office import explain_api as explain
from laurels.office import keys_api as keys
from laurels.office import people_api as people
from laurels.office import projects_api as projects
from laurels.storage.base.tables import BASE, LIMITS
from laurels.storage.checking import invariants
from laurels.storage.tables import AllTables, Orders, compose
from laurels.web import health, worker
from laurels.web.api import Sections
from laurels.web.application import Application
from laurels.web.definitions import DefinitionResource
from laurels.web.documentation import page
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
    PARTICIPANTS,
)

ORDERS = Orders(
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
"""What `laurels check` shows first, what an export of a participant shows first, what a transaction locks first."""


OFFICE = (
    explain.routes,
    simulate.routes,
    erasure.routes,
    people.routes,
    clock.routes,
    projects.routes,
    keys.routes,
    audit.routes,
)

REACTIONS = (POINTS, TIERS, RULES, CHALLENGES, BADGES, STREAKS, LEADERBOARDS, REWARDS, EVENTS, PARTICIPANTS)
"""The order in which mechanics react: at once, to an event, at the end of a round, and when all is judged anew."""

ACTIONS = (GivePoints, TakePoints, PutInTier, ContinueStreak, AdvanceChallenge, GiveBadge, GrantReward)
"""The order in which the actions of one definition take effect, whatever order they are written in."""

EFFECTS = ("points", "tier_upgrade", "streaks", "challenges", "badges", "rewards")
"""The order in which a response shows what a command brought about."""

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
    "Simulation",
    "Participants",
    "Clock",
    "Projects",
    "Keys",
    "Audit log",
)
"""The order of the API's description and of the clients' methods; further tags come behind."""

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
    "Simulation",
    "Clock",
    "Keys",
    "Audit log",
    "Projects",
)
"""The order of groups on the page `/docs`; further tags come behind."""

KINDS = ("tier", "badge", "streak", "leaderboard", "reward", "challenge", "rule", "earning_cap")
"""The order in which definitions are made, the named before those that name them; further kinds come behind. References
are checked when all are made."""

STATE_SECTIONS = ("points", "tier", "badges", "streaks", "challenges", "rewards")
PROFILE_SECTIONS = ("points", "tier", "badges", "streaks", "rewards_claimed", "total_events")
"""The order in which responses about a participant show them; further sections come behind."""

JOBS = (
    "fill_boards",
    "tick_boards",
    "sweep_expiries",
    "judge_anew",
    "remove_retired_boards",
    "forget_events",
    "erase",
    "remove_empty_counts",
    "forget_old_keys",
)
"""The order in which jobs have their turns; further jobs come behind."""

Thing = TypeVar("Thing")


class Composition:
    """All that mechanics make together, each of its parts made once."""

    def __init__(self, mechanics: Sequence[Mechanic], place: str = "") -> None:
        """`place` is where other processes find it, as "module:name". Raises ClashError for two of one
        name."""
        self.mechanics = tuple(mechanics)
        refuse_twice(mechanic.name for mechanic in mechanics)
        self.place = place

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        """Another process is told the place, as functions cannot be sent."""
        return resolve_name, (self.place,)

    @cached_property
    def game(self) -> Game:
        """The rules of the game. What listens to an event does so in the order of REACTIONS."""
        in_order = [*REACTIONS, *(mechanic for mechanic in self.mechanics if mechanic not in REACTIONS)]
        plays = [KERNEL, *(mechanic.play for mechanic in in_order)]
        more = [acting.action for play in plays for acting in play.actions if acting.action not in ACTIONS]
        shown = [effect.name for play in plays for effect in play.effects if effect.name not in EFFECTS]
        return Game(plays, GameOrders(actions=(*ACTIONS, *more), effects=(*EFFECTS, *shown)))

    @cached_property
    def _made(self) -> dict[Hashable, DefinitionResource]:
        """The resource of each declaration."""
        return {
            declared: declared.made(self.game) for mechanic in self.mechanics for declared in mechanic.api.resources
        }

    @cached_property
    def resources(self) -> list[DefinitionResource]:
        """What edits the definitions of each kind."""
        declared = [declared for mechanic in self.mechanics for declared in mechanic.api.resources]
        return _each_once(KINDS, [self._made[each] for each in declared], lambda resource: resource.kind.name)

    @cached_property
    def sections(self) -> Sections:
        """What responses about a participant are composed of."""
        state = [section for mechanic in self.mechanics for section in mechanic.api.state_sections]
        profile = [section for mechanic in self.mechanics for section in mechanic.api.profile_sections]
        return Sections(
            state=tuple(_each_once(STATE_SECTIONS, state, lambda section: section.name)),
            profile=tuple(_each_once(PROFILE_SECTIONS, profile, lambda section: section.name)),
        )

    @cached_property
    def jobs(self) -> list[Job]:
        """The work in the background of one process."""
        collected = [job for mechanic in self.mechanics for job in mechanic.jobs]
        collected += [*judging_job.JOBS, retention_job.job(), *erasure_job.JOBS]
        return _each_once(JOBS, collected, lambda job: job.name)

    @cached_property
    def tables(self) -> AllTables:
        """The tables of storage and mechanics."""
        kinds = [resource.kind for resource in self.resources]
        return compose(self.game, [BASE, LIMITS, *(mechanic.tables for mechanic in self.mechanics)], kinds, ORDERS)

    def present_tables(self) -> AllTables:
        """The tables, in whichever process."""
        return self.tables

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """All endpoints, with their full paths."""
        apis = [mechanic.api for mechanic in self.mechanics]
        collected = [routes for api in apis for routes in api.routes]
        collected += [api.routes_of_sections(self.sections) for api in apis if api.routes_of_sections]
        collected += OFFICE
        in_order = _in_order(TAGS, collected, lambda routes: routes.tag)
        described = [each for routes in in_order for each in routes.filled(self._made).endpoints_under(API_PREFIX)]
        described += health.routes.endpoints
        refuse_twice(f"{endpoint.method} {endpoint.path}" for endpoint in described)
        refuse_twice(endpoint.operation for endpoint in described)
        described = [replace(endpoint, stand_ins=self.game.stand_ins) for endpoint in described]
        return described + page.routes_for(described, TASKS).endpoints

    def create(self) -> Application:
        """The ASGI application of one worker, configured by the environment."""
        return worker.application(self.endpoints, self.jobs, self.tables, self.place)

    def simulate_one(self) -> None:
        """The process of one simulation."""
        simulation.main(self.tables)


def _in_order(names: Sequence[str], things: Iterable[Thing], name_of: Callable[[Thing], str]) -> list[Thing]:
    """The things in the order of their names; those without a place there behind, as they come."""
    places = {name: place for place, name in enumerate(names)}
    return sorted(things, key=lambda thing: places.get(name_of(thing), len(places)))


def _each_once(names: Sequence[str], things: Sequence[Thing], name_of: Callable[[Thing], str]) -> list[Thing]:
    """The things in the order of their names. Raises ClashError for two of one name."""
    refuse_twice(map(name_of, things))
    return _in_order(names, things, name_of)


COMPOSITION = Composition(MECHANICS, "laurels.app:COMPOSITION")
"""What Laurels is made of."""

TABLES = COMPOSITION.tables
