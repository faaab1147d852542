"""The engine against a real PostgreSQL: order, poison, a bounded queue, and commits that get no answer."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from laurels.app import TABLES
from laurels.engine.batch import CommandResponse, Outcome
from laurels.engine.engine import Engine
from laurels.engine.errors import BusyError, CommandFailedError
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import Command
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.participants import store as people
from laurels.mechanics.participants.model import PROFILE, SaveProfile
from laurels.mechanics.points.purse.commands import AwardPoints, DeductPoints, InsufficientPoints
from laurels.storage import load
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import DatabaseUnavailableError
from laurels.storage.tables import AllTables
from tests.checks import make_key
from tests.conftest import TEMPLATE
from tests.support import ON_CITUS, Databases, Server, check


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.create(TEMPLATE)


def with_engine(
    url: str, work: Callable[[Engine], Awaitable[Any]], *, tables: AllTables = TABLES, **options: Any
) -> Any:
    async def run() -> Any:
        engine = Engine(url, DefinitionsCache(tables), EngineSettings(on_citus=ON_CITUS, **options))
        engine.start()
        try:
            return await work(engine)
        finally:
            await engine.drain()

    return asyncio.run(run())


def award(name: str, amount: int = 1, key: str | None = None, **more: Any) -> AwardPoints:
    return AwardPoints(project_id=1, participant_id=name, amount=amount, idempotency_key=key, **more)


def total(url: str, statement: str = "SELECT coalesce(sum(balance), 0) FROM account") -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


async def outcomes(engine: Engine, commands: list[Command]) -> list[Outcome | BaseException]:
    return await asyncio.gather(*engine.submit_all(commands), return_exceptions=True)


def test_commands_of_a_participant_keep_their_order(url: str) -> None:
    """Award and deduct by turns: in any other order a deduct would find nothing."""
    commands: list[Command] = []
    for _ in range(200):
        for name in ("a", "b", "c"):
            commands.append(award(name))
            commands.append(DeductPoints(project_id=1, participant_id=name, amount=1))
    results = with_engine(url, lambda engine: outcomes(engine, commands), batch_limit=7, connections=3)
    assert all(isinstance(result, CommandResponse) for result in results)
    assert total(url) == 0
    check(url)


def test_a_command_without_facts_keeps_no_key(url: str) -> None:
    """Every stored key belongs to a fact, also where the rest of the batch has facts."""
    unchanged = SaveProfile(
        project_id=1, participant_id="a", create=False, display_name="Name of a", idempotency_key="again"
    )
    with_engine(url, lambda engine: outcomes(engine, [_profile("a", display_name="Name of a")]))
    results = with_engine(url, lambda engine: outcomes(engine, [unchanged, award("b", key="k"), unchanged]))
    assert [isinstance(result, CommandResponse) and result.replayed for result in results] == [False, False, False]
    assert total(url, "SELECT count(*) FROM idempotency") == 1
    check(url)


def test_a_poison_command_fails_alone(url: str) -> None:
    """NUL never comes this far over HTTP; PostgreSQL refuses it and with it the whole statement."""
    commands: list[Command] = [award(f"p{number}") for number in range(40)]
    commands[17] = award("p17", reason="nul \0")
    results = with_engine(url, lambda engine: outcomes(engine, commands))
    assert isinstance(results[17], CommandFailedError)
    assert all(isinstance(result, CommandResponse) for number, result in enumerate(results) if number != 17)
    assert total(url) == 39
    assert total(url, "SELECT count(*) FROM participant WHERE participant_id = 'p17'") == 0


def test_profiles_that_are_too_large_together_are_loaded_in_parts(url: str) -> None:
    """However many people with large attributes a batch is about."""
    large = {"list": ["x" * 100] * 500}
    names = [f"p{number}" for number in range(60)]
    with_engine(url, lambda engine: outcomes(engine, [_profile(name, attributes=large) for name in names]))
    decoded: list[int] = []

    async def counted(connection: Any, loading: Any, wanted: Any) -> None:
        await people.load_profiles(connection, loading, wanted)
        decoded.append(sum(len(str(profile.attributes)) for each in wanted if (profile := each.participant[PROFILE])))

    loads = [replace(each, load=counted) if each.load == people.load_profiles else each for each in TABLES.loads]
    assert loads != list(TABLES.loads)
    tables = replace(TABLES, loads=tuple(loads))
    renamed: list[Command] = [_profile(name, display_name=f"Name of {name}") for name in names]
    results = with_engine(url, lambda engine: outcomes(engine, renamed), connections=1, tables=tables)
    assert all(isinstance(result, CommandResponse) for result in results)
    assert total(url, "SELECT count(*) FROM participant WHERE display_name = 'Name of ' || participant_id") == 60
    assert max(decoded) < 2 * people.PROFILES_CHARACTERS
    assert sum(decoded) > people.PROFILES_CHARACTERS
    check(url)


def _profile(name: str, **fields: Any) -> SaveProfile:
    return SaveProfile(project_id=1, participant_id=name, create=True, **fields)


def test_a_refusal_does_not_disturb_its_neighbours_and_creates_nobody(url: str) -> None:
    commands: list[Command] = [award("rich", 10), DeductPoints(project_id=1, participant_id="poor", amount=1)]
    commands += [award("rich", 5)]
    results = with_engine(url, lambda engine: outcomes(engine, commands))
    assert results[1] == InsufficientPoints(available=0, requested=1)
    assert total(url) == 15
    assert total(url, "SELECT count(*) FROM participant") == 1


def test_a_key_twice_in_one_batch_replays_unless_its_first_use_was_refused(url: str) -> None:
    deduct = DeductPoints(project_id=1, participant_id="p", amount=5, idempotency_key="k")
    commands = [deduct, award("p", 5, "k"), award("p", 5, "k"), deduct, deduct]
    results = with_engine(url, lambda engine: outcomes(engine, commands), connections=1)
    assert results[0] == InsufficientPoints(available=0, requested=5)
    assert [result.replayed for result in results[1:]] == [False, True, False, True]
    assert results[1].body == results[2].body
    assert results[3].body == results[4].body
    assert total(url) == 0


def test_a_full_queue_refuses_at_once_and_takes_all_or_nothing(url: str) -> None:
    async def work(engine: Engine) -> int:
        accepted = engine.submit_all([award("p") for _ in range(90)])
        with pytest.raises(BusyError):
            engine.submit_all([award("p") for _ in range(11)])
        accepted += engine.submit_all([award("p") for _ in range(10)])
        with pytest.raises(BusyError):
            engine.submit(award("p"))
        await asyncio.gather(*accepted)
        await engine.submit(award("p"))
        return len(accepted) + 1

    assert with_engine(url, work, queue_limit=100) == total(url) == 101


def test_a_key_waits_behind_one_command_of_each_other_key(url: str) -> None:
    """However much another one has brought before, and also about the same participant; each key's order stays."""
    order: list[str] = []

    async def work(engine: Engine) -> None:
        futures = engine.submit_all([award(f"p{number % 3}", key=f"a{number}") for number in range(300)], "a")
        futures += engine.submit_all([award("p0", key=f"b{number}") for number in range(3)], "b")
        names = [f"a{number}" for number in range(300)] + [f"b{number}" for number in range(3)]
        for name, future in zip(names, futures, strict=True):
            future.add_done_callback(lambda _, name=name: order.append(name))
        await asyncio.gather(*futures)

    with_engine(url, work, connections=1, batch_limit=20)
    assert [name for name in order if name[0] == "b"] == ["b0", "b1", "b2"]
    assert order.index("b2") < 20
    for participant in range(3):
        numbers = [int(name[1:]) for name in order if name[0] == "a" and int(name[1:]) % 3 == participant]
        assert numbers == sorted(numbers)


def test_a_cancelled_request_does_not_stop_its_batch(url: str) -> None:
    async def work(engine: Engine) -> None:
        futures = engine.submit_all([award("p") for _ in range(5)])
        futures[2].cancel()
        done = await asyncio.gather(*futures, return_exceptions=True)
        assert sum(isinstance(result, CommandResponse) for result in done) == 4
        assert isinstance(await engine.submit(award("p")), CommandResponse)

    with_engine(url, work)
    assert total(url) == 5


def test_a_limit_follows_a_participant_who_moves_to_another_time_zone_in_the_same_batch(url: str) -> None:
    """In Kiritimati the first and the third event fall on 15 February, and the second falls on the 14th in UTC."""
    limited = {
        "code": "r",
        "name": "R",
        "event_name": "moved",
        "actions": [{"type": "award_points", "amount": 1}],
        "limit": {"per_participant": {"day": 1}},
    }
    with Server(url) as server, server.client(make_key(url, scope="admin")) as client:
        client.post("/admin/rules", json=limited).raise_for_status()

    def moved(at: str) -> RecordEvent:
        return RecordEvent(
            project_id=1, participant_id="p", event_name="moved", occurred_at=datetime.fromisoformat(at), properties={}
        )

    def lives_in(zone: str) -> SaveProfile:
        return SaveProfile(project_id=1, participant_id="p", create=True, attributes={"timezone": zone})

    commands = [lives_in("Pacific/Kiritimati"), moved("2026-02-14T11:00:00+00:00"), lives_in("UTC")]
    with_engine(url, lambda engine: outcomes(engine, commands), connections=1)
    commands = [moved("2026-02-14T12:00:00+00:00"), lives_in("Pacific/Kiritimati"), moved("2026-02-14T11:30:00+00:00")]
    with_engine(url, lambda engine: outcomes(engine, commands), connections=1)
    assert total(url) == 2
    check(url)


class CuttingProxy:
    """Stands between the engine and PostgreSQL and cuts the connection around a COMMIT, once for each entry of `cuts`.

    `before`: COMMIT never arrives. `after`: it arrives, its answer does not. `late`: it arrives only some time after
    the client has been cut off, while the client already tries again; `between`: just after the client has looked for
    its facts in vain. `denied`: it arrives, and its answer is the error of a coordinator that has lost its worker.
    """

    def __init__(self, url: str, cuts: list[str]) -> None:
        self._target = urlsplit(url)
        self._database = self._target.path
        self.cuts = cuts
        self._looked = asyncio.Event()
        self._committed = asyncio.Event()
        if "between" not in cuts:
            self._committed.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, folder: Path) -> str:
        await asyncio.start_unix_server(self._serve, folder / ".s.PGSQL.5432")
        return f"postgresql://postgres@{self._database}?host={folder}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await self._connect()
        back = asyncio.create_task(self._copy(server_reader, writer))
        self._tasks.add(back)
        messages_since_look = None
        while data := await reader.read(65536):
            if load._ANY_FACT.encode() in data:
                messages_since_look = 0
            elif messages_since_look is not None:
                messages_since_look += 1
                if messages_since_look == 2:  # the first asks for the facts
                    self._looked.set()
                    await self._committed.wait()
            if b"COMMIT\0" in data and self.cuts:
                cut = self.cuts.pop(0)
                back.cancel()
                await asyncio.wait([back])
                if cut in ("late", "between"):
                    writer.close()
                if cut == "late":
                    await asyncio.sleep(0.5)
                if cut == "between":
                    await self._looked.wait()
                if cut != "before":
                    server_writer.write(data)
                    await server_writer.drain()
                    await server_reader.read(65536)
                if cut == "between":
                    self._committed.set()
                if cut != "denied":
                    break
                writer.write(DENIED)
                back = asyncio.create_task(self._copy(server_reader, writer))
                self._tasks.add(back)
                continue
            server_writer.write(data)
        writer.close()
        server_writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._target.hostname:
            return await asyncio.open_connection(self._target.hostname, self._target.port)
        return await asyncio.open_unix_connection(f"{parse_qs(self._target.query)['host'][0]}/.s.PGSQL.5432")

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


_FIELDS = b"SERROR\0CXX000\0Mcould not commit transaction for shard 102038 on at least one active node\0\0"
DENIED = b"E" + (4 + len(_FIELDS)).to_bytes(4, "big") + _FIELDS + b"Z\0\0\0\x05I"
"""An error, and that the connection is ready for another transaction."""


@pytest.mark.parametrize("keyed", [True, False], ids=["with keys", "without keys"])
@pytest.mark.parametrize("cuts", [["before"], ["after"], ["late"], ["late", "after", "before", "late"]], ids="+".join)
def test_a_commit_without_an_answer_is_settled(url: str, cuts: list[str], keyed: bool) -> None:
    """Whatever became of the commit, each command counts exactly once, also for new participants."""
    _settles(url, cuts, keyed=keyed, on_citus=ON_CITUS)


@pytest.mark.parametrize("keyed", [True, False], ids=["with keys", "without keys"])
def test_a_commit_that_comes_after_the_look_for_its_facts_is_settled(url: str, keyed: bool) -> None:
    """It created the participants, whom nobody could lock before."""
    _settles(url, ["between"], keyed=keyed, on_citus=ON_CITUS)


@pytest.mark.parametrize("keyed", [True, False], ids=["with keys", "without keys"])
@pytest.mark.parametrize("cuts", [["denied"], ["denied", "after", "denied", "before"]], ids="+".join)
def test_a_commit_that_a_coordinator_denies_is_settled(url: str, cuts: list[str], keyed: bool) -> None:
    """A worker that has committed and cannot say so makes the coordinator answer an error."""
    _settles(url, cuts, keyed=keyed, on_citus=True)


def _settles(url: str, cuts: list[str], *, keyed: bool, on_citus: bool) -> None:
    async def work() -> list[list[Outcome]]:
        with tempfile.TemporaryDirectory() as folder:
            proxied = await CuttingProxy(url, list(cuts)).start(Path(folder))
            engine = Engine(proxied, DefinitionsCache(TABLES), EngineSettings(connections=2, on_citus=on_citus))
            engine.start()
            rounds = []
            for number in range(len(cuts) + 1):
                commands = [award(f"p{n}", 1, f"k{number}" if keyed else None) for n in range(10)]
                rounds.append(await asyncio.gather(*engine.submit_all(commands)))
            await engine.drain()
            return rounds

    rounds = asyncio.run(work())
    for number, results in enumerate(rounds):
        assert all(isinstance(result, CommandResponse) and not result.replayed for result in results), number
        assert all(f'"new_balance":{number + 1},'.encode() in result.body for result in results)  # type: ignore[union-attr]
    assert total(url) == 10 * len(rounds)
    check(url)


def test_without_a_database_commands_fail_in_time_and_later_ones_at_once(url: str) -> None:
    async def work() -> None:
        engine = Engine(
            "postgresql://postgres@/laurels?host=/nowhere",
            DefinitionsCache(TABLES),
            EngineSettings(patience_seconds=0.3),
        )
        engine.start()
        with pytest.raises(DatabaseUnavailableError):
            await engine.submit(award("p"))
        started = time.monotonic()
        for _ in range(20):
            with pytest.raises(DatabaseUnavailableError):
                await engine.submit(award("p"))
        assert time.monotonic() - started < 20 * 0.3, "each waited for as long as the first"
        await engine.drain()

    asyncio.run(work())
    assert total(url) == 0


def test_a_definition_changed_by_another_process_counts_at_once(url: str) -> None:
    async def work(engine: Engine) -> tuple[Outcome, Outcome]:
        first = await engine.submit(award("p", 50))
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE project SET definitions_version = definitions_version + 1")
            connection.execute(
                "UPDATE definition SET body = jsonb_set(body, '{criteria_config,min_points}', '60'),"
                " version = (SELECT definitions_version FROM project WHERE id = project_id) WHERE code = 'silver'"
            )
        return first, await engine.submit(award("p", 10))

    first, second = with_engine(url, work)
    assert b'"tier_upgrade":null' in first.body
    assert b'"code":"silver"' in second.body
