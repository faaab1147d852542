"""Commands that name several participants: all of them change, or none; in order, exactly once, and at nobody's cost.

The command is that of the mechanic of the tests: kudos are handed over from one participant to others.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from laurels.engine import backlog
from laurels.engine.batch import SETTLED_WITH_OTHERS, CommandResponse, Outcome
from laurels.engine.engine import Engine
from laurels.engine.errors import CommandFailedError
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import MOST_PARTICIPANTS, Command
from laurels.kernel.rejections import ParticipantNotFound, ParticipantsApart, TooManyParticipants
from laurels.mechanics.points.purse.commands import AwardPoints
from laurels.storage import locks
from laurels.storage.batches import ParticipantKey
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import lane_of
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection
from tests import processes
from tests.checks import assert_refused, query
from tests.conftest import TEMPLATE
from tests.hammer import post_all
from tests.kudos.composed import COMPOSITION
from tests.kudos.model import GiveKudos, HandOverKudos, NotEnoughKudos
from tests.support import ON_CITUS, Databases, Server
from tests.test_engine import CuttingProxy
from tests.test_locks import ACCOUNT, SECONDS, locked

MAIN = "tests.kudos.composed:main"
ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(ON_CITUS, reason="Participants in different lanes are refused there")


@pytest.fixture(scope="module")
def servers(databases: Databases) -> Iterator[list[Server]]:
    """Two, with kudos, on one database."""
    url = databases.create(TEMPLATE)
    with pytest.MonkeyPatch.context() as patched:
        # Processes that the servers start find the composition where the servers find it.
        patched.setenv("PYTHONPATH", str(ROOT))
        running = [Server(url, main=MAIN, writer_connections="2").start() for _ in range(2)]
        with running[0].client() as api:
            reply = api.post("/admin/kudos-kinds", json={"code": "helpful", "name": "Helpful"})
            assert reply.status_code == 201, reply.text
        yield running
        for server in running:
            assert server.stop() == 0


@pytest.fixture(scope="module")
def url(servers: list[Server]) -> str:
    assert servers[0].database_url
    return servers[0].database_url


@pytest.fixture
def api(servers: list[Server]) -> Iterator[httpx.Client]:
    with servers[0].client() as client:
        yield client


def check(url: str) -> None:
    done = processes.laurels("check", "--rebuild", main=MAIN, LAURELS_DATABASE_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr


def with_engine(url: str, work: Callable[[Engine], Awaitable[Any]], **options: Any) -> Any:
    async def run() -> Any:
        engine = Engine(url, DefinitionsCache(COMPOSITION.tables), EngineSettings(**options))
        engine.start()
        try:
            async with asyncio.timeout(SECONDS * 2):
                return await work(engine)
        finally:
            await engine.drain()

    return asyncio.run(run())


def give(name: str, number: int = 1, **more: Any) -> GiveKudos:
    return GiveKudos(project_id=1, participant_id=name, kudos_code="helpful", number=number, **more)


def hand(giver: str, *receivers: str, number: int = 1, **more: Any) -> HandOverKudos:
    return HandOverKudos(
        project_id=1, participant_id=giver, receiver_ids=receivers, kudos_code="helpful", number=number, **more
    )


async def served(engine: Engine, *commands: Command) -> list[Outcome]:
    outcomes = await asyncio.gather(*engine.submit_all(commands))
    assert all(isinstance(outcome, CommandResponse) for outcome in outcomes), outcomes
    return outcomes


def had(url: str, *names: str) -> list[int]:
    """How many kudos each has."""
    rows = query(url, "SELECT participant_id, number FROM kudos JOIN participant USING (lane, subject)")
    numbers = dict(rows)
    return [numbers.get(name, 0) for name in names]


def facts_of(url: str, *names: str) -> list[tuple[str, str]]:
    """Their names and kinds, as the journal orders those of each."""
    return query(
        url,
        "SELECT participant_id, kind FROM journal JOIN participant USING (lane, subject)"
        f" WHERE participant_id IN ({', '.join(repr(name) for name in names)}) ORDER BY participant_id, seq",
    )


def test_one_request_changes_all_whom_it_names(api: httpx.Client, url: str) -> None:
    api.post("/kudos/give", json={"participant_id": "ann", "kudos_code": "helpful", "number": 9})
    body = {"participant_id": "ann", "receiver_ids": ["ben", "cy"], "kudos_code": "helpful", "number": 2}
    reply = api.post("/kudos/hand-over", json=body)
    assert reply.json() == {"participant_id": "ann", "kudos_code": "helpful", "number": 4, "total": 5}
    assert had(url, "ann", "ben", "cy") == [5, 2, 2]
    assert facts_of(url, "ann", "ben", "cy") == [
        ("ann", "kudos_given"),
        ("ann", "kudos_handed_over"),
        ("ben", "kudos_received"),
        ("cy", "kudos_received"),
    ]
    [(commands, first)] = query(
        url,
        "SELECT count(DISTINCT command_id), bool_and(kind = 'kudos_received' OR command_id = id) FROM journal"
        " WHERE kind IN ('kudos_handed_over', 'kudos_received')",
    )
    assert (commands, first) == (1, True)


def test_a_rejection_changes_none_of_them_and_creates_nobody(api: httpx.Client, url: str) -> None:
    api.post("/kudos/give", json={"participant_id": "dan", "kudos_code": "helpful", "number": 3})
    body = {"participant_id": "dan", "receiver_ids": ["eve", "ann"], "kudos_code": "helpful", "number": 2}
    before = (had(url, "ann", "dan"), facts_of(url, "ann", "dan"))
    reply = api.post("/kudos/hand-over", json=body)
    assert (reply.status_code, reply.json()["code"]) == (400, "not_enough_kudos")
    assert (had(url, "ann", "dan"), facts_of(url, "ann", "dan")) == before
    assert query(url, "SELECT count(*) FROM participant WHERE participant_id = 'eve'") == [(0,)]


def test_a_rejection_leaves_nothing_to_the_commands_of_its_batch(url: str) -> None:
    async def work(engine: Engine) -> None:
        await served(engine, give("fay", 3))
        commands = [hand("fay", "gus", number=5), hand("gus", "fay"), hand("fay", "gus", number=3), hand("gus", "fay")]
        outcomes = await asyncio.gather(*engine.submit_all(commands))
        assert outcomes[:2] == [NotEnoughKudos(3, 5), NotEnoughKudos(0, 1)]
        assert all(isinstance(outcome, CommandResponse) for outcome in outcomes[2:])

    with_engine(url, work, connections=1)
    assert had(url, "fay", "gus") == [1, 2]


def test_a_name_given_twice_is_one_participant(url: str) -> None:
    async def work(engine: Engine) -> None:
        await served(engine, give("hal", 5), hand("hal", "hal", "ivy", "ivy", number=2))

    with_engine(url, work)
    assert had(url, "hal", "ivy") == [3, 2]
    assert facts_of(url, "hal") == [("hal", "kudos_given"), ("hal", "kudos_handed_over"), ("hal", "kudos_received")]


def test_one_who_was_anonymised_is_named_by_the_rejection(api: httpx.Client, url: str) -> None:
    with_engine(url, lambda engine: served(engine, give("jan", 5), give("kim")))
    assert api.delete("/admin/participants/kim?anonymize=true").status_code == 200
    [(name,)] = query(url, "SELECT participant_id FROM participant WHERE anonymised_at IS NOT NULL")

    async def work(engine: Engine) -> None:
        assert await engine.submit(hand("jan", "lee", name)) == ParticipantNotFound(name)

    with_engine(url, work)
    assert had(url, "jan", "lee") == [5, 0]


def test_more_participants_than_one_command_may_name_are_refused(url: str, api: httpx.Client) -> None:
    people = [f"m{number}" for number in range(MOST_PARTICIPANTS)]

    async def work(engine: Engine) -> None:
        await served(engine, give("m0", 100), hand(*people))
        futures = engine.submit_all([hand(*people, "one more"), hand("m0", *["m1"] * 50)])
        outcomes = await asyncio.gather(*futures)
        assert outcomes[0] == TooManyParticipants(MOST_PARTICIPANTS)
        assert isinstance(outcomes[1], CommandResponse)
        assert engine.queue_depth == 0

    with_engine(url, work)
    assert had(url, "one more", *people) == [0, 90, 2, *[1] * (MOST_PARTICIPANTS - 2)]
    body = {"participant_id": "m0", "receiver_ids": people, "kudos_code": "helpful"}
    assert_refused(api.post("/kudos/hand-over", json=body), 422, field="receiver_ids")


def test_on_citus_participants_of_several_lanes_are_refused() -> None:
    names = [f"n{number}" for number in range(1_000)]
    beside = next(name for name in names[1:] if lane_of(1, name) == lane_of(1, "n0"))
    apart = next(name for name in names if lane_of(1, name) != lane_of(1, "n0"))

    async def work() -> None:
        engine = Engine("postgresql://nowhere", DefinitionsCache(COMPOSITION.tables), EngineSettings(on_citus=True))
        refused, queued = engine.submit_all([hand("n0", beside, apart), hand("n0", beside)])
        assert refused.result() == ParticipantsApart()
        assert not queued.done()
        assert engine.queue_depth == 1

    asyncio.run(work())


def test_a_key_is_the_givers_and_a_replay_changes_nobody(url: str) -> None:
    async def work(engine: Engine) -> None:
        await served(engine, give("oda", 10), give("pat", 10))
        once = hand("oda", "pat", number=3, idempotency_key="k")
        first, again = await served(engine, once, once)
        [later] = await served(engine, once)
        assert [outcome.replayed for outcome in (first, again, later)] == [False, True, True]
        assert first.body == again.body == later.body
        [of_the_receiver] = await served(engine, hand("pat", "oda", idempotency_key="k"))
        assert not of_the_receiver.replayed

    with_engine(url, work, connections=1)
    assert had(url, "oda", "pat") == [8, 12]


def test_the_order_of_each_participants_commands_is_kept(url: str) -> None:
    """One of the kudos goes round: in any other order somebody would have none to hand over."""
    people = ["q0", "q1", "q2", "q3"]
    chance = random.Random(1)
    commands: list[Command] = [give("q0")]
    for number in range(300):
        commands.append(hand(people[number % 4], people[(number + 1) % 4]))
        if chance.random() < 0.3:
            commands.append(give(chance.choice(["r0", "r1"])))
        if chance.random() < 0.3:
            commands.append(hand("r2", chance.choice(people), "r0", number=5))

    async def work(engine: Engine) -> None:
        outcomes = await asyncio.gather(*engine.submit_all(commands))
        for command, outcome in zip(commands, outcomes, strict=True):
            assert isinstance(outcome, NotEnoughKudos if command.participant_id == "r2" else CommandResponse), command

    with_engine(url, work, batch_limit=7, connections=3)
    assert had(url, *people) == [1, 0, 0, 0]


def test_a_locked_account_delays_those_alone_who_are_named_beside_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)

    async def work(engine: Engine) -> None:
        await served(engine, *(give(name, 10) for name in ("s0", "s1", "s2", "s3")))
        with locked(url, ACCOUNT, ["s0"]) as holder:
            before, both, after = engine.submit_all([hand("s1", "s2"), hand("s1", "s0"), hand("s1", "s3", number=9)])
            await before
            behind = engine.submit(give("s3", 5))
            for _ in range(3):
                await served(engine, hand("s2", "t0"), give("t0"), hand("t0", "s2"))
            assert not any(future.done() for future in (both, after, behind))
            holder.rollback()
            outcomes = await asyncio.gather(both, after, behind)
        assert isinstance(outcomes[0], CommandResponse)
        # Nine are more than what the command before it has left.
        assert outcomes[1] == NotEnoughKudos(8, 9)
        assert isinstance(outcomes[2], CommandResponse)

    with_engine(url, work, connections=1)
    assert had(url, "s0", "s1", "s2", "s3", "t0") == [11, 8, 11, 15, 3]


def test_the_line_waits_for_the_accounts_of_all_once_the_locked_one_is_free(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers that skip what the other one has could go on like this for long. Until then it keeps none of them."""
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    waited_for: list[tuple[LockedRow, bool]] = []
    is_free = False

    async def noted(connection: Connection, row: LockedRow) -> None:
        waited_for.append((row, is_free))
        await wait_for(connection, row)

    wait_for = locks.wait_for
    monkeypatch.setattr(locks, "wait_for", noted)
    people = ["y0", "y1", "y2"]
    every = locks.accounts_of([ParticipantKey(1, name) for name in people])

    async def work(engine: Engine) -> None:
        nonlocal is_free
        await served(engine, *(give(name, 10) for name in people))
        with locked(url, ACCOUNT, ["y1"]) as holder:
            future = engine.submit(hand(*people))
            while len(waited_for) < 3:
                await served(engine, give("free"))
            is_free = True
            holder.rollback()
            await future

    with_engine(url, work)
    of_the_locked_one = locks.account_of(lane_of(1, "y1"), 1, "y1")
    assert {row for row, was_free in waited_for if not was_free} == {of_the_locked_one}
    assert waited_for[-1] == (every, True)


@pytest.mark.parametrize("table", ["kudos", "account"])
def test_a_locked_row_that_nobody_looks_at_first_delays_those_alone_who_need_it(
    url: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches are halved until the command stands alone, whoever else it names."""
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    people = [f"{table}{number}" for number in range(12)]

    async def work(engine: Engine) -> None:
        await served(engine, *(give(name, 50) for name in people))
        of_one = f"""
            SELECT 1 FROM {table} JOIN participant USING (lane, subject) WHERE participant_id = '{people[3]}'
            FOR UPDATE OF {table}
            """
        with locked(url, of_one) as holder:
            commands = [hand(people[number], people[number + 1], number=2) for number in range(0, 12, 2)]
            futures = engine.submit_all([*commands, *commands])
            free = [*futures[:1], *futures[2:7], *futures[8:]]
            assert all(isinstance(outcome, CommandResponse) for outcome in await asyncio.gather(*free))
            assert not futures[1].done()
            assert not futures[7].done()
            holder.rollback()
            await asyncio.gather(*futures)

    with_engine(url, work, connections=1)
    assert had(url, *people) == [46, 54] * 6


def test_what_of_a_participant_has_expired_is_settled_first(url: str) -> None:
    """More than a batch with others can settle; the kudos are handed over then."""
    lots = 2 * SETTLED_WITH_OTHERS
    soon = datetime.now(UTC) + timedelta(seconds=3)
    awards = [
        AwardPoints(project_id=1, participant_id="late", amount=1, expires_at=soon + timedelta(milliseconds=number))
        for number in range(lots)
    ]

    async def work(engine: Engine) -> None:
        await served(engine, *awards, give("u0", 10), give("u1", 10))
        await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + lots / 1_000)
        futures = engine.submit_all([hand("u0", "late"), hand("late", "u1"), hand("u1", "u0")])
        await served(engine, give("free"))
        assert all(isinstance(outcome, CommandResponse) for outcome in await asyncio.gather(*futures))

    with_engine(url, work)
    assert had(url, "u0", "u1", "late") == [10, 10, 0]
    assert facts_of(url, "late")[-lots - 2 :] == [
        *[("late", "points_expired")] * lots,
        ("late", "kudos_received"),
        ("late", "kudos_handed_over"),
    ]


def test_a_command_that_fails_does_so_alone_and_for_all_whom_it_names(url: str) -> None:
    """NUL never comes this far over HTTP; PostgreSQL refuses it and with it the whole statement."""

    async def work(engine: Engine) -> None:
        await served(engine, *(give(f"v{number}", 10) for number in range(10)))
        commands = [hand(f"v{number}", f"v{(number + 1) % 10}") for number in range(10)]
        commands[4] = hand("v4", "v5 \0")
        outcomes = await asyncio.gather(*engine.submit_all(commands), return_exceptions=True)
        assert isinstance(outcomes[4], CommandFailedError)
        assert all(isinstance(outcome, CommandResponse) for number, outcome in enumerate(outcomes) if number != 4)

    with_engine(url, work)
    assert had(url, *(f"v{number}" for number in range(10))) == [10, 10, 10, 10, 11, 9, 10, 10, 10, 10]


CUTS = [["before"], ["after"], ["late"], ["late", "after", "before", "late"]]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("cuts", CUTS, ids="+".join)
def test_a_commit_without_an_answer_counts_once_for_all(url: str, cuts: list[str], is_known: bool) -> None:
    """Also where some of the participants are new, and cannot be locked before they are there."""
    prefix = f"{'+'.join(cuts)} {is_known} "
    givers, receivers = [[f"{prefix}{side}{number}" for number in range(5)] for side in "gr"]

    async def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            direct = Engine(url, DefinitionsCache(COMPOSITION.tables))
            direct.start()
            known = [*givers, *receivers] if is_known else givers
            await served(direct, *(give(name, 10) for name in known))
            await direct.drain()
            proxied = await CuttingProxy(url, list(cuts)).start(Path(folder))
            engine = Engine(proxied, DefinitionsCache(COMPOSITION.tables), EngineSettings(connections=2))
            engine.start()
            for _ in range(len(cuts) + 1):
                outcomes = await served(engine, *(map(hand, givers, receivers)))
                assert not any(outcome.replayed for outcome in outcomes if isinstance(outcome, CommandResponse))
            await engine.drain()

    asyncio.run(work())
    moved = len(cuts) + 1
    assert had(url, *givers) == [10 - moved] * 5
    assert had(url, *receivers) == [10 * is_known + moved] * 5


def test_servers_that_meet_at_the_same_participants_do_not_wait_for_each_other_in_a_circle(url: str) -> None:
    """Two engines, as two servers have, with commands that name the same three in every order."""
    people = ["w0", "w1", "w2"]
    chance = random.Random(2)

    def commands() -> list[Command]:
        return [hand(*chance.sample(people, chance.choice([2, 2, 3]))) for _ in range(100)]

    async def work(first: Engine) -> None:
        second = Engine(url, DefinitionsCache(COMPOSITION.tables))
        second.start()
        await served(first, *(give(name, 1_000) for name in people))
        for _ in range(3):
            await asyncio.gather(served(first, *commands()), served(second, *commands()))
        await second.drain()

    with_engine(url, work)
    assert sum(had(url, *people)) == 3_000


def test_under_many_concurrent_requests_nothing_is_lost_or_made(servers: list[Server], url: str) -> None:
    """In all directions, of few participants, over two servers, many of them sent again."""
    people = [f"x{number}" for number in range(8)]
    urls = [server.base_url for server in servers]
    given = [("/kudos/give", {"participant_id": name, "kudos_code": "helpful", "number": 20}) for name in people]
    asyncio.run(post_all(urls, given))
    chance = random.Random(3)
    requests = []
    for number in range(600):
        giver, *receivers = chance.sample(people, chance.choice([2, 2, 2, 3, 4]))
        body = {
            "participant_id": giver,
            "receiver_ids": receivers,
            "kudos_code": "helpful",
            "number": chance.randint(1, 9),
        }
        if number % 2:
            requests += [("/kudos/hand-over", {**body, "idempotency_key": f"x{number}"})] * 3
        else:
            requests.append(("/kudos/hand-over", body))
    chance.shuffle(requests)
    replies = asyncio.run(post_all(urls, requests, connections=32))
    statuses = Counter(reply.status for _, reply in replies)
    assert statuses.keys() == {200, 400}, statuses
    assert statuses[200] > 100
    assert statuses[400] > 10
    expected = Counter(dict.fromkeys(people, 20))
    answers: dict[str, set[bytes]] = {}
    for body, reply in replies:
        if reply.status == 200:
            answers.setdefault(body.get("idempotency_key", ""), set()).add(reply.body)
            if "idempotency-replayed" not in reply.headers:
                moved = dict.fromkeys(body["receiver_ids"], body["number"])
                expected.update(moved)
                expected[body["participant_id"]] -= sum(moved.values())
                assert msgspec.json.decode(reply.body)["number"] == sum(moved.values())
    assert all(len(different) == 1 for key, different in answers.items() if key)
    assert had(url, *people) == [expected[name] for name in people]
    assert sum(expected.values()) == 20 * len(people)


def test_afterwards_all_is_as_the_journal_says(url: str) -> None:
    check(url)
    with psycopg.connect(url) as connection:
        # Facts of one command have its id, whoever they are of.
        [row] = connection.execute(
            """
            SELECT count(*) FROM (
                SELECT command_id FROM journal WHERE kind IN ('kudos_handed_over', 'kudos_received') GROUP BY command_id
                HAVING sum((data->>'number')::bigint * CASE kind WHEN 'kudos_received' THEN 1 ELSE -1 END) <> 0
            ) AS uneven
            """
        ).fetchall()
    assert row == (0,)
