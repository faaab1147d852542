"""The composition root: what a worker process is made of."""

import asyncio
import gc
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog

from laurels import logs
from laurels.config import simulate_api as simulate
from laurels.config import simulation
from laurels.engine.engine import Engine
from laurels.engine.jobs.job import Job
from laurels.engine.jobs.runner import Jobs
from laurels.kernel.game import Game
from laurels.kernel.game import Orders as GameOrders
from laurels.kernel.judging import KERNEL
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
from laurels.mechanics.points.model import GivePoints, TakePoints
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
from laurels.settings import Settings
from laurels.storage.base_tables import BASE
from laurels.storage.checking import invariants
from laurels.storage.database import CONNECTION_ERRORS, DatabaseUnavailableError
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.erasing.file import ErasuresFile
from laurels.storage.pools import Edits, Readers, Surveys
from laurels.storage.tables import AllTables, Orders, compose
from laurels.web import documentation, health
from laurels.web.api import Sections
from laurels.web.application import Application
from laurels.web.aside import SWITCH_SECONDS, Aside
from laurels.web.definitions import DefinitionResource
from laurels.web.endpoint import API_PREFIX, Endpoint
from laurels.web.keys.auth import KeyRing
from laurels.web.keys.presence import Presence
from laurels.web.protocol.connections import Connection, Limits, Roster
from laurels.web.protocol.draining import Draining
from laurels.web.protocol.memory import Budget
from laurels.web.protocol.request_log import RequestLog
from laurels.web.services import Services

log = structlog.get_logger("laurels.app")

DATABASE_WAIT_SECONDS = 60
SERVER_WATCH_SECONDS = 0.5
SERVER_PID_VARIABLE = "LAURELS_SERVER_PID"
GARBAGE_THRESHOLD = 50_000

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
        *RULES.tables.invariants,
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
        RULES.tables,
        POINTS.tables,
        REWARDS.tables,
        LEADERBOARDS.tables,
    ),
    locks=(RULES.tables, REWARDS.tables, LEADERBOARDS.tables),
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

KINDS = ("tier", "badge", "streak", "leaderboard", "reward", "challenge", "rule", "earning_cap")
"""The order in which definitions are made: each kind names only those before it; further kinds come behind."""

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


def endpoints(mechanics: Sequence[Mechanic] = MECHANICS) -> list[Endpoint]:
    """All endpoints, with their full paths."""
    shown, composed = sections(mechanics), game(mechanics)
    collected = [routes for mechanic in mechanics for routes in mechanic.api.routes]
    collected += [mechanic.api.routes_of_sections(shown) for mechanic in mechanics if mechanic.api.routes_of_sections]
    collected += OFFICE
    in_order = _in_order(TAGS, collected, lambda routes: routes.tag)
    described = [endpoint for routes in in_order for endpoint in routes.endpoints_under(API_PREFIX)]
    described += health.routes.endpoints
    _refuse_twice(f"{endpoint.method} {endpoint.path}" for endpoint in described)
    _refuse_twice(endpoint.operation for endpoint in described)
    described = [replace(endpoint, stand_ins=composed.stand_ins) for endpoint in described]
    return described + documentation.routes_for(described).endpoints


def sections(mechanics: Sequence[Mechanic] = MECHANICS) -> Sections:
    """What responses about a participant are composed of."""
    state = [section for mechanic in mechanics for section in mechanic.api.state_sections]
    profile = [section for mechanic in mechanics for section in mechanic.api.profile_sections]
    return Sections(
        state=tuple(_each_once(STATE_SECTIONS, state, lambda section: section.name)),
        profile=tuple(_each_once(PROFILE_SECTIONS, profile, lambda section: section.name)),
    )


def resources(mechanics: Sequence[Mechanic] = MECHANICS) -> list[DefinitionResource]:
    """What edits the definitions of each kind."""
    collected = [resource for mechanic in mechanics for resource in mechanic.api.resources]
    return _each_once(KINDS, collected, lambda resource: resource.kind.name)


def jobs(mechanics: Sequence[Mechanic] = MECHANICS) -> list[Job]:
    """The work in the background of one process."""
    collected = [job for mechanic in mechanics for job in mechanic.jobs]
    collected += [*judging_job.JOBS, retention_job.job(), *erasure_job.JOBS]
    return _each_once(JOBS, collected, lambda job: job.name)


def _in_order(names: Sequence[str], things: Iterable[Thing], name_of: Callable[[Thing], str]) -> list[Thing]:
    """The things in the order of their names; those without a place there behind, as they come."""
    places = {name: place for place, name in enumerate(names)}
    return sorted(things, key=lambda thing: places.get(name_of(thing), len(places)))


def game(mechanics: Sequence[Mechanic] = MECHANICS) -> Game:
    """The rules of the game, as all mechanics make them. What listens to an event does so in the order of REACTIONS."""
    in_order = [*REACTIONS, *(mechanic for mechanic in mechanics if mechanic not in REACTIONS)]
    plays = [KERNEL, *(mechanic.play for mechanic in in_order)]
    more = [acting.action for play in plays for acting in play.actions if acting.action not in ACTIONS]
    shown = [effect.name for play in plays for effect in play.effects if effect.name not in EFFECTS]
    return Game(plays, GameOrders(actions=(*ACTIONS, *more), effects=(*EFFECTS, *shown)))


def _each_once(names: Sequence[str], things: Sequence[Thing], name_of: Callable[[Thing], str]) -> list[Thing]:
    """The things in the order of their names. Raises ValueError for two of one name."""
    _refuse_twice(map(name_of, things))
    return _in_order(names, things, name_of)


def _refuse_twice(names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"more than one mechanic has {', '.join(twice)}")


def tables(mechanics: Sequence[Mechanic] = MECHANICS) -> AllTables:
    """The tables of storage and mechanics."""
    kinds = [resource.kind for resource in resources(mechanics)]
    return compose(game(mechanics), [BASE, *(mechanic.tables for mechanic in mechanics)], kinds, ORDERS)


TABLES = tables()


def present_tables() -> AllTables:
    """Those of MECHANICS: what another process is told to work with."""
    return TABLES


def create() -> Application:
    """The ASGI application of one worker, configured by the environment."""
    logs.configure()
    settings = Settings.from_environment()
    limits = Limits(connections=settings.connection_limit, request_seconds=settings.request_seconds)
    Connection.roster = Roster(limits.within_files())
    composition = _Composition(settings)
    stream = sys.stderr.buffer if settings.log_requests else None
    return Application(endpoints(), composition.open, composition.close, RequestLog(stream))


def simulate_one() -> None:
    """The process of one simulation."""
    simulation.main(TABLES)


class _Composition:
    """Makes and ends what the handlers work with."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> Services:
        settings = self._settings
        url = settings.database_url or ""
        readers = Readers(url, settings.reader_connections, on_citus=settings.citus)
        surveys = Surveys(url, settings.survey_seconds, on_citus=settings.citus)
        probe = Readers(url, 1, on_citus=settings.citus)
        edits = Edits(url, on_citus=settings.citus)
        keys = KeyRing(Readers(url, 1, on_citus=settings.citus), settings.admin_key, settings.rate_limit, spare=readers)
        presence = Presence(Edits(url, on_citus=settings.citus), keys)
        await _wait_for_database(readers, keys, presence)
        definitions = DefinitionsCache(TABLES)
        engine = Engine(
            url,
            definitions,
            connections=settings.writer_connections_per_worker,
            batch_limit=settings.batch_limit,
            queue_limit=settings.queue_limit,
            on_citus=settings.citus,
        )
        engine.start()
        # What lives now lives as long as the process; requests leave hardly any cycles behind.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        sys.setswitchinterval(SWITCH_SECONDS)
        running_jobs = Jobs(url, definitions, engine, jobs())
        draining = Draining()
        draining.on_sigterm(settings.drain_seconds)
        running = (keys.keep_fresh(), presence.keep_noting(), running_jobs.run(), _stop_with_server(draining))
        self._tasks = [asyncio.create_task(task) for task in running]
        memory = Budget(settings.request_memory_mb * 1024 * 1024)
        return Services(
            engine,
            readers,
            surveys,
            probe,
            edits,
            definitions,
            keys,
            running_jobs,
            url,
            draining,
            memory,
            Aside(),
            Aside(),
            ErasuresFile(settings.erasures_path) if settings.erasures_path else None,
            presence,
            TABLES,
        )

    async def close(self, services: Services) -> None:
        for task in self._tasks:
            task.cancel()
        services.checking.close()
        services.decoding.close()
        await services.engine.drain()
        await services.presence.leave()
        await services.keys.close()
        for pool in (services.edits, services.surveys, services.readers, services.probe):
            await pool.close()


async def _wait_for_database(readers: Readers, keys: KeyRing, presence: Presence) -> None:
    deadline = asyncio.get_running_loop().time() + DATABASE_WAIT_SECONDS
    while True:
        try:
            await readers.open()
            # First, so that a new worker takes no more than its share of the rate limits.
            await presence.note()
            await keys.open()
            return
        except (DatabaseUnavailableError, *CONNECTION_ERRORS) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise
            log.warning("waiting_for_database", error=type(error).__name__)
            await asyncio.sleep(0.5)


async def _stop_with_server(draining: Draining) -> None:
    """A worker whose `laurels serve` was killed must not go on holding the port."""
    server = int(os.environ.get(SERVER_PID_VARIABLE, os.getppid()))
    if server == os.getpid():
        return
    while os.getppid() == server:  # noqa: ASYNC110
        await asyncio.sleep(SERVER_WATCH_SECONDS)
    log.warning("server_gone")
    draining.has_begun = True
    os.kill(os.getpid(), signal.SIGTERM)
