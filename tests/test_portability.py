"""The same schema and SQL run on plain PostgreSQL and on Citus, where the lanes lie on several machines.

What batches really send is recorded and parsed: each access to people's rows has to say which lane it means, and to
rewards which reward. What Citus cannot do, or what says something else on each machine, is refused.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pglast
import pytest
from pglast import ast
from pglast.enums import A_Expr_Kind, BoolExprType

from laurels.app import COMPOSITION, TABLES
from laurels.config import definitions_file, demo
from laurels.engine import runner
from laurels.engine.batch import CommandResponse
from laurels.engine.engine import Engine
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import Actor, Command, JudgeAnew
from laurels.mechanics.badges import store as badges
from laurels.mechanics.badges.model import AwardBadge, RevokeBadge
from laurels.mechanics.challenges import store as challenges
from laurels.mechanics.challenges.model import JoinChallenge, LeaveChallenge
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.leaderboards import store as leaderboards
from laurels.mechanics.leaderboards.counted import store as counted
from laurels.mechanics.participants import store as people
from laurels.mechanics.participants.model import SaveProfile
from laurels.mechanics.points.purse.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
)
from laurels.mechanics.points.storage import account as purse
from laurels.mechanics.points.storage import loading, saving
from laurels.mechanics.rewards import store as rewards
from laurels.mechanics.rewards import stored_codes
from laurels.mechanics.rewards.model import CancelClaim, ClaimReward, FulfilClaim
from laurels.mechanics.streaks import store as streaks
from laurels.mechanics.streaks.model import RecordStreak
from laurels.mechanics.tiers import store as tiers
from laurels.mechanics.tiers.model import AssignTier
from laurels.storage import erased_ids, limits, load, save
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.erasing import erasures
from laurels.storage.office import audit, projects
from laurels.storage.postgres.database import ON_CITUS as CITUS_SETTINGS
from laurels.storage.postgres.database import WRITER_SETTINGS, connect_one
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.processes import laurels
from tests.support import ON_CITUS, Databases

KEYS = dict.fromkeys(TABLES.by_lane, "lane") | {
    table: spread.column for spread in TABLES.apart for table in spread.tables
}
"""What a table is spread by."""


class Unportable(Exception):  # noqa: N818
    pass


class Scope:
    """The relations that a query can name, by their aliases, and the common table expressions above it."""

    def __init__(self, outer: "Scope | None" = None) -> None:
        self.outer = outer
        self.relations: dict[str, int] = {}
        self.ctes: dict[str, int] = dict(outer.ctes) if outer else {}

    def find(self, alias: str) -> int | None:
        return self.relations[alias] if alias in self.relations else self.outer.find(alias) if self.outer else None


class Reading:
    """Which columns of a statement are equal, and which of them are one value for all rows."""

    def __init__(self, statement: str) -> None:
        self.parameters: set[int] = set()
        self.tables: set[str] = set()
        self._ids = count(1)
        self._parents: dict[Any, Any] = {}
        self._accesses: list[tuple[str, int]] = []
        for raw in pglast.parse_sql(statement):
            self._query(raw.stmt, Scope())
        for table, relation in self._accesses:
            if self._class((relation, KEYS[table])) != self._class("one"):
                raise Unportable(f"{table} is not restricted to one {KEYS[table]}")

    def _class(self, item: Any) -> Any:
        while item in self._parents:
            item = self._parents[item]
        return item

    def _equal(self, one: Any, other: Any) -> None:
        if self._class(one) != self._class(other):
            self._parents[self._class(one)] = self._class(other)

    # Queries

    def _query(self, node: Any, outer: Scope) -> list[tuple[int, str]]:
        """Reads it; the columns that it gives on, with `*` for all of a relation."""
        scope = Scope(outer)
        with_clause = getattr(node, "withClause", None)
        for cte in with_clause.ctes if with_clause else ():
            scope.ctes[cte.ctename] = self._derived(cte.ctequery, scope)
        match node:
            case ast.SelectStmt() if node.larg:
                return [*self._query(node.larg, scope), *self._query(node.rarg, scope)]
            case ast.SelectStmt():
                return self._select(node, scope)
            case ast.InsertStmt():
                return self._insert(node, scope)
            case ast.UpdateStmt() | ast.DeleteStmt():
                return self._change(node, scope)
        raise Unportable(f"{type(node).__name__} is no statement for a batch")

    def _derived(self, node: Any, scope: Scope) -> int:
        relation = next(self._ids)
        for inner, column in self._query(node, scope):
            for name in ("lane", "reward_id") if column == "*" else (column,):
                self._equal((relation, name), (inner, name))
        return relation

    def _select(self, node: ast.SelectStmt, scope: Scope) -> list[tuple[int, str]]:
        for item in node.fromClause or ():
            self._from(item, scope)
        self._where(node.whereClause, scope)
        self._refuse_inner_queries((node.targetList, node.whereClause, node.havingClause))
        return list(self._given(node.targetList or (), scope))

    def _insert(self, node: ast.InsertStmt, scope: Scope) -> list[tuple[int, str]]:
        """The rows go where their keys say: so these have to be given, first of all."""
        table = node.relation.relname
        columns = [column.name for column in node.cols or ()]
        if table in KEYS and columns[:1] != [KEYS[table]]:
            raise Unportable(f"{table} is given rows that do not begin with {KEYS[table]}")
        self.tables.add(table)
        self._query(node.selectStmt, scope)
        if node.onConflictClause:
            refuse_calls(node.onConflictClause)
            for element in (node.onConflictClause.infer.indexElems or ())[:1] if node.onConflictClause.infer else ():
                if table in KEYS and element.name != KEYS[table]:
                    raise Unportable(f"a conflict on {table} is sought without {KEYS[table]}")
        relation = next(self._ids)
        scope.relations[node.relation.alias.aliasname if node.relation.alias else table] = relation
        self._equal((relation, KEYS.get(table, "")), "one")
        return list(self._given(node.returningClause.exprs if node.returningClause else (), scope))

    def _change(self, node: ast.UpdateStmt | ast.DeleteStmt, scope: Scope) -> list[tuple[int, str]]:
        self._from(node.relation, scope)
        for item in (node.fromClause if isinstance(node, ast.UpdateStmt) else node.usingClause) or ():
            self._from(item, scope)
        self._where(node.whereClause, scope)
        if isinstance(node, ast.UpdateStmt):
            refuse_calls(node.targetList)
            if KEYS.get(node.relation.relname) in {target.name for target in node.targetList}:
                raise Unportable(f"{node.relation.relname} has its key changed")
            self._refuse_inner_queries((node.targetList,))
        self._refuse_inner_queries((node.whereClause,))
        return list(self._given(node.returningClause.exprs if node.returningClause else (), scope))

    def _given(self, targets: Any, scope: Scope) -> Iterator[tuple[int, str]]:
        for target in targets:
            match target.val:
                case ast.ColumnRef(fields=(*alias, ast.A_Star())):
                    relations = [scope.find(alias[0].sval)] if alias else scope.relations.values()
                    yield from ((relation, "*") for relation in relations if relation)
                case ast.ColumnRef():
                    for relation, column in self._columns(target.val, scope):
                        yield relation, target.name or column

    # What they are about

    def _from(self, item: Any, scope: Scope) -> None:
        match item:
            case ast.RangeVar():
                relation = scope.ctes.get(item.relname) or next(self._ids)
                scope.relations[item.alias.aliasname if item.alias else item.relname] = relation
                if item.relname in KEYS:
                    self._accesses.append((item.relname, relation))
                if item.relname not in scope.ctes:
                    self.tables.add(item.relname)
            case ast.RangeSubselect():
                inner = Scope(scope) if item.lateral else Scope()
                inner.ctes = scope.ctes
                scope.relations[item.alias.aliasname] = self._derived(item.subquery, inner)
            case ast.RangeFunction() if item.alias:
                scope.relations[item.alias.aliasname] = next(self._ids)
            case ast.JoinExpr():
                before = set(scope.relations.values())
                self._from(item.larg, scope)
                left = set(scope.relations.values()) - before
                self._from(item.rarg, scope)
                for name in item.usingClause or ():
                    for relation in set(scope.relations.values()) - before - left:
                        for other in left:
                            self._equal((relation, name.sval), (other, name.sval))
                self._where(item.quals, scope)
            case ast.RangeFunction():
                pass
            case _:
                raise Unportable(f"{type(item).__name__} in FROM")

    def _columns(self, reference: ast.ColumnRef, scope: Scope) -> list[tuple[int, str]]:
        *alias, column = (field.sval for field in reference.fields)
        relations = [scope.find(alias[0])] if alias else list(scope.relations.values())
        return [(relation, column) for relation in relations if relation]

    def _where(self, condition: Any, scope: Scope) -> None:
        """Equalities between columns, and of columns with a value: `x = 1`, `x = $1`, `$1 IS NULL OR x = $1`."""
        match condition:
            case ast.BoolExpr(boolop=BoolExprType.AND_EXPR):
                for part in condition.args:
                    self._where(part, scope)
            case ast.BoolExpr(
                boolop=BoolExprType.OR_EXPR,
                args=(
                    ast.NullTest(arg=ast.TypeCast(arg=ast.ParamRef(number=tested))),
                    ast.A_Expr(rexpr=ast.ParamRef(number=compared)) as equality,
                ),
            ) if tested == compared:
                self.parameters.add(tested)
                self._where(equality, scope)
            case ast.A_Expr(kind=A_Expr_Kind.AEXPR_OP, lexpr=ast.ColumnRef()) if condition.name[-1].sval == "=":
                left = self._columns(condition.lexpr, scope)
                match condition.rexpr:
                    case ast.ColumnRef():
                        for one, other in zip(left, self._columns(condition.rexpr, scope), strict=False):
                            self._equal(one, other)
                    case ast.A_Const() | ast.ParamRef():
                        for one in left:
                            self._equal(one, "one")

    def _refuse_inner_queries(self, nodes: Any) -> None:
        """A query for each row of another one may have to ask another machine for each, unless all have it."""
        for inner in _all(nodes, ast.SubLink):
            if {table.relname for table in _all(inner, ast.RangeVar)} - set(TABLES.everywhere):
                raise Unportable("a query inside of an expression")


def _all(nodes: Any, kind: Any) -> Iterator[Any]:
    """All nodes of a kind, however deep."""
    if isinstance(nodes, tuple | list):
        for node in nodes:
            yield from _all(node, kind)
    elif isinstance(nodes, ast.Node):
        if isinstance(nodes, kind):
            yield nodes
        for name in nodes:
            yield from _all(getattr(nodes, name), kind)


def called(nodes: Any) -> set[str]:
    """The functions that are called anywhere in it."""
    functions = {call.funcname[-1].sval for call in _all(nodes, ast.FuncCall)}
    return functions | {value.op.name for value in _all(nodes, ast.SQLValueFunction)}


IMMUTABLE = frozenset({"unnest", "sum", "max", "min", "count", "array_agg", "jsonb_array_length", "jsonb_typeof"})
STABLE = frozenset({"jsonb_agg", "jsonb_build_object"})
"""What batches call; PostgreSQL's catalogue has to agree. Others are volatile for all we know."""


def refuse_calls(nodes: Any, allowed: frozenset[str] = IMMUTABLE) -> None:
    """What is not immutable gives something else on each machine, or each time that a row is written."""
    if varying := called(nodes) - allowed:
        raise Unportable(f"calls {', '.join(sorted(varying))}")


def read(statement: str) -> Reading:
    """Raises Unportable."""
    refuse_calls([raw.stmt for raw in pglast.parse_sql(statement)], IMMUTABLE | STABLE)
    return Reading(statement)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("SELECT * FROM account WHERE subject = $1", "account is not restricted to one lane"),
        ("SELECT * FROM account WHERE lane = ANY ($1)", "account is not restricted"),
        ("SELECT * FROM account WHERE lane = 1 OR subject = $1", "account is not restricted"),
        (
            "SELECT * FROM account a JOIN participant p USING (subject) WHERE a.lane = $1",
            "participant is not restricted",
        ),
        ("SELECT * FROM unnest($1::smallint[]) AS w (lane) JOIN account a USING (lane)", "account is not restricted"),
        ("WITH w AS (SELECT * FROM account WHERE lane = $1) SELECT * FROM w JOIN hold h ON h.id = w.id", "hold is not"),
        ("UPDATE account SET seq = 1 WHERE subject = $1", "account is not restricted"),
        ("UPDATE account SET last_seen_at = now() WHERE lane = $1", "calls now"),
        ("UPDATE account SET last_seen_at = CURRENT_TIMESTAMP WHERE lane = $1", "calls SVFOP_CURRENT_TIMESTAMP"),
        ("UPDATE account SET lane = 3 WHERE lane = $1", "has its key changed"),
        (
            "DELETE FROM claim USING reward_code c WHERE claim.lane = $1 AND c.reward_id = claim.reward_id",
            "reward_code is",
        ),
        ("INSERT INTO hold (id, lane) SELECT * FROM unnest($1::uuid[], $2::smallint[])", "do not begin with lane"),
        ("INSERT INTO hold (lane, id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", "without lane"),
        (
            "INSERT INTO account AS a (lane, subject) VALUES ($1, $2)"
            " ON CONFLICT (lane, subject) DO UPDATE SET last_seen_at = clock_timestamp()",
            "calls clock_timestamp",
        ),
        (
            "SELECT (SELECT count(*) FROM standing s WHERE s.score > a.seq) FROM account a WHERE a.lane = $1",
            "a query in",
        ),
        ("SELECT pg_advisory_xact_lock(1, 2)", "calls pg_advisory_xact_lock"),
        ("SELECT nextval('numbers')", "calls nextval"),
        ("NOTIFY laurels", "NotifyStmt"),
        ("LISTEN laurels", "ListenStmt"),
        ("LOCK TABLE account", "LockStmt"),
    ],
)
def test_what_would_not_run_on_several_machines_is_found(statement: str, why: str) -> None:
    with pytest.raises(Unportable, match=re.escape(why)):
        read(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM account WHERE lane = $1 FOR UPDATE",
        "SELECT * FROM rule_total WHERE lane = 0",
        "SELECT * FROM account a JOIN participant p ON p.lane = a.lane WHERE ($1::smallint IS NULL OR a.lane = $1)",
        "WITH w AS (SELECT * FROM unnest($1::smallint[]) AS w (lane) WHERE ($2::smallint IS NULL OR w.lane = $2))"
        " SELECT * FROM w JOIN account a USING (lane)",
        "SELECT c.code FROM unnest($1::uuid[]) AS w (reward_id) CROSS JOIN LATERAL"
        " (SELECT code FROM reward_code r WHERE r.reward_id = w.reward_id) AS c"
        " WHERE ($2::uuid IS NULL OR w.reward_id = $2)",
    ],
)
def test_what_names_one_lane_is_let_through(statement: str) -> None:
    read(statement)


# What batches send

DEFINITIONS = b"""
rewards:
  - {code: mug, name: Mug, type: voucher, points_cost: 5, has_codes: true}
  - {code: pen, name: Pen, type: voucher, points_cost: 1, total_inventory: 50, max_claims_per_user: 2}
badges:
  - {code: rich, name: Rich, criteria: "participant.balance >= 100000"}
rules:
  - code: first_ten
    name: First ten
    event_name: visited
    actions: [{type: award_points, amount: 1}]
    limit: {in_total: {ever: 10}, per_participant: {day: 1}}
challenges:
  - code: visits
    name: Visits
    join_type: manual
    objectives: [{code: v, event_name: visited, measure: count, target: 3}]
earning_caps:
  - {code: daily, name: Daily, period: day, points: 1000000}
"""
SETTINGS = WRITER_SETTINGS | (CITUS_SETTINGS if ON_CITUS else {})
ADMIN = Actor(name="test")


class Recording(asyncpg.Connection):  # type: ignore[type-arg]
    """Keeps what is sent, with its arguments."""

    sent: list[tuple[str, tuple[Any, ...]]]

    async def copy_records_to_table(self, table_name: str, *, columns: Any = None, **more: Any) -> str:  # type: ignore[override]
        self.sent.append((f"COPY {table_name} ({', '.join(columns)}) FROM STDIN", ()))
        return await super().copy_records_to_table(table_name, columns=columns, **more)


class Play:
    """People do all that can be done, through an engine whose statements are recorded."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch, *, on_citus: bool) -> None:
        self.url = url
        self.on_citus = on_citus
        self.sent: list[tuple[str, tuple[Any, ...]]] = []
        monkeypatch.setattr(runner, "connect_writer", self._connect)

    async def _connect(self, url: str, **_options: Any) -> Recording:
        connection = await asyncpg.connect(url, connection_class=Recording, server_settings=SETTINGS)
        connection.sent = self.sent
        connection.add_query_logger(lambda sent: self.sent.append((sent.query, tuple(sent.args))))
        return connection

    async def run(self) -> None:
        connection = await connect_one(self.url)
        project = await projects.create(connection, "portable", "Portable", "live", "UTC")
        assert project is not None
        self.project_id = project.id
        contents = definitions_file.load(TABLES.kinds, demo.FILE.read_bytes())
        for section, bodies in definitions_file.load(TABLES.kinds, DEFINITIONS).items():
            contents[section] = [*contents[section], *bodies]
        await demo.add(connection, project.id, COMPOSITION.resources, contents)
        ids = dict(await connection.fetch("SELECT code, id::text FROM definition WHERE project_id = $1", project.id))
        async with connection.transaction():
            await stored_codes.add_codes(connection, ids["mug"], [f"code{n}" for n in range(40)], datetime.now(UTC))
        await connection.close()
        self.engine = Engine(self.url, DefinitionsCache(TABLES), EngineSettings(connections=1, on_citus=self.on_citus))
        self.engine.start()
        try:
            await self._scenes(ids)
        finally:
            await self.engine.drain()

    async def _scenes(self, ids: dict[str, str]) -> None:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        await self.all_do(SaveProfile, create=True, display_name="Ada", attributes={"timezone": "Asia/Tokyo"})
        self.sent_to_new_people = len(self.sent)
        await self.all_do(SaveProfile, create=False, attributes={"city": "London"})
        await self.all_do(AwardPoints, amount=6_000, idempotency_key="a")
        await self.all_do(AwardPoints, amount=50, expires_at=tomorrow)
        spent = await self.all_do(DeductPoints, amount=10)
        await self.all_do(ReversePoints, by_name={"transaction_id": [answer["transaction_id"] for answer in spent]})
        for what in (CaptureHold, ReleaseHold):
            held = await self.all_do(HoldPoints, amount=20)
            await self.all_do(what, by_name={"hold_id": [answer["hold_id"] for answer in held]})
        await self.all_do(AwardBadge, badge_code="first_steps")
        await self.all_do(RevokeBadge, badge_code="first_steps", actor=ADMIN)
        await self.all_do(AssignTier, tier_code="platinum")
        await self.all_do(RecordStreak, streak_code="daily_login")
        await self.all_do(JoinChallenge, challenge_code="visits")
        for name in ("visited", "lesson_finished"):
            await self.all_do(RecordEvent, event_name=name, properties={"lesson_id": 1, "mistakes": 0})
        await self.all_do(LeaveChallenge, challenge_code="visits")
        await self.all_do(ClaimReward, reward="double_points", deducts_points=True)
        for end in (FulfilClaim, CancelClaim):
            # Two rewards in a batch.
            names = ["mug", "pen"] * 10
            claimed = await self.all_do(ClaimReward, deducts_points=True, by_name={"reward": names})
            await self.all_do(end, actor=ADMIN, by_name={"claim_id": [answer["claim_id"] for answer in claimed]})
        await self.all_do(JudgeAnew, definition_ids=(ids["rich"], ids["gold"]), silent=True)
        query(self.url, "UPDATE project SET clock_offset_ms = 2 * 86400000 WHERE id = %s", self.project_id)
        await self.all_do(SettleExpiries)
        self.sent_before_erasures = len(self.sent)
        connection = await connect_one(self.url)
        for number in range(20):
            async with connection.transaction():
                assert await erasures.erase(connection, TABLES, self.project_id, f"person_{number}", "delete")
        await connection.close()
        await self.all_do(AwardPoints, amount=1, idempotency_key="b")

    async def all_do(self, what: type[Command], *, by_name: dict[str, list[Any]] | None = None, **fields: Any) -> Any:
        """Twenty people at once; their answers."""
        commands = [
            what(
                project_id=self.project_id,
                participant_id=f"person_{number}",
                **{**fields, **{name: values[number] for name, values in (by_name or {}).items()}},
            )
            for number in range(20)
        ]
        outcomes = await asyncio.gather(*self.engine.submit_all(commands))
        assert all(isinstance(outcome, CommandResponse) for outcome in outcomes), outcomes
        return [msgspec.json.decode(outcome.body) for outcome in outcomes if isinstance(outcome, CommandResponse)]


CONTROL = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|DISCARD PLANS)\b|.*(typeinfo_tree|'jit')", re.DOTALL)
"""Transactions, and what the driver asks of the catalogue."""


@pytest.fixture(scope="module", params=[False, True], ids=["on one machine", "on Citus"])
def play(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Play]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        play = Play(databases.create(TEMPLATE), monkeypatch, on_citus=request.param)
        asyncio.run(play.run())
        yield play


def test_every_statement_of_a_batch_names_its_lane(play: Play) -> None:
    for statement in {sent for sent, _ in play.sent if not CONTROL.match(sent)}:
        if copied := re.match(r"COPY (\w+) \((\w+)", statement):
            # By rows, which go where their keys say.
            assert KEYS[copied[1]] == copied[2]
        else:
            try:
                read(statement)
            except Unportable as error:
                pytest.fail(f"{error}:\n{statement}")


def test_a_batch_on_citus_is_of_one_lane(play: Play) -> None:
    """What names the lane is null when there are several, which then ask all machines."""
    given = [
        arguments[parameter - 1]
        for statement, arguments in play.sent
        if not CONTROL.match(statement) and not statement.startswith("COPY")
        for parameter in read(statement).parameters
    ]
    assert len(given) > 50
    assert (None in given) != play.on_citus


def test_only_new_people_are_looked_up_among_the_erased(play: Play) -> None:
    def lookups(sent: list[tuple[str, tuple[Any, ...]]]) -> int:
        return sum("erased_id" in statement or "erased_key" in statement for statement, _ in sent)

    assert lookups(play.sent[: play.sent_to_new_people]) > 0
    assert lookups(play.sent[play.sent_to_new_people : play.sent_before_erasures]) == 0
    assert lookups(play.sent[play.sent_before_erasures :]) > 0


def test_nothing_of_the_write_path_is_left_out(play: Play) -> None:
    """Whoever writes a statement for batches has to make the people above do what sends it."""
    sent = {statement for statement, _ in play.sent}
    left_out = {
        f"{module}.{name}"
        for module, holder in WRITE_PATH.items()
        for name, value in vars(holder).items()
        if isinstance(value, str) and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", value) and value not in sent
    }
    assert left_out == OF_OTHERS
    assert TABLES.accounts._update in sent


WRITE_PATH = {
    "load": load,
    "badges": badges,
    "challenges": challenges,
    "people": people,
    "streaks": streaks,
    "tiers": tiers,
    "save": save,
    "loading": loading,
    "purse": purse,
    "saving": saving,
    "limits": limits,
    "rewards": rewards,
    "leaderboards": leaderboards,
    "audit": audit,
    "erased_ids": erased_ids,
}
OF_OTHERS = {
    *("load._ANY_FACT", "load._LOCK_ACCOUNTS"),  # after a lost COMMIT
    # When a row is locked elsewhere.
    *("limits._LOCK_FREE_TOTALS", "limits._LOCK_TOTAL", "rewards._LOCK_FREE"),
    *("leaderboards._LEAVES_OF_GAINS", "leaderboards._LOCK_FREE_LEAVES", "leaderboards._LOCK_FREE_PARTS"),
    *("leaderboards._LOCK_LEAF", "leaderboards._LOCK_PART"),
    *("leaderboards._GAINED", "leaderboards._SET", "leaderboards._CHANGED_LEAVES"),  # parts of others
    *("leaderboards._SET_STANDINGS", "leaderboards._STANDINGS", "leaderboards._LEAVES_OF_STANDINGS"),
    "loading._SUM_LOTS",  # of people with many lots
    *("challenges._CLEAR_FINGERPRINTS", "people._CLEAR_PROFILE"),  # of those who are anonymised
    "challenges._FUNNEL",
    *("audit._PAGE", "audit._REST", "erased_ids._ADD_ID", "erased_ids._ADD_KEYS"),
    *("loading._NEXT_LOT", "limits._PART", "limits._ERASE", "leaderboards._REMOVE", "rewards._TAKEN"),
    "rewards._LOCK_ONE",
    "purse._AS_OF",
}
"""Reads, jobs and what administrators do."""


@pytest.mark.parametrize(
    "statement",
    [
        *(load._LOCK_ACCOUNTS, limits._LOCK_FREE_TOTALS, limits._LOCK_TOTAL, rewards._LOCK_FREE),
        *(
            leaderboards._LEAVES_OF_GAINS,
            leaderboards._LEAVES_OF_STANDINGS,
            leaderboards._LOCK_FREE_LEAVES,
            leaderboards._LOCK_FREE_PARTS,
        ),
        *(leaderboards._LOCK_LEAF, leaderboards._LOCK_PART, leaderboards._SET_STANDINGS, leaderboards._STANDINGS),
        *(counted._ADD_GAINS, counted._LOCK_FREE_COUNTS, counted._COUNTS_OF, counted._LOCK_COUNT, counted._REMOVE),
        *(load._ANY_FACT, limits._PART, limits._ERASE, leaderboards._REMOVE, rewards._TAKEN),
        *(rewards._LOCK_ONE, stored_codes._ADD_CODES, stored_codes._REVOKE_CODES),
        *(erased_ids._ADD_ID, erased_ids._ADD_KEYS, loading._SUM_LOTS),
        people._CLEAR_PROFILE,
        *(erasures._LOCK, erasures._BEGIN, erasures._TAKE, erasures._NEXT_KEYS, erasures._DELETE_KEYS),
        *(erasures._SAVE_KEYS, erasures._DELETE_FACTS),
    ],
)
def test_so_do_other_statements_under_locks(statement: str) -> None:
    read(statement)


# The schema


@pytest.fixture(scope="module")
def url(databases: Databases) -> str:
    return databases.create(TEMPLATE)


def test_every_table_has_its_place(url: str) -> None:
    tables = query(
        url,
        "SELECT relname FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace",
    )
    placed = [*KEYS, *TABLES.everywhere, *TABLES.in_one_place, "alembic_version"]
    assert sorted(placed) == sorted(name for (name,) in tables)


@pytest.mark.parametrize("table", KEYS)
def test_its_key_comes_first_wherever_rows_are_unique(url: str, table: str) -> None:
    rows = query(
        url,
        """
        SELECT i.indexrelid::regclass::text, a.attname, a.atttypid::regtype::text, a.attnotnull
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = %s::regclass AND (i.indisunique OR i.indisexclusion)
        """,
        table,
    )
    assert rows
    kind = {"lane": "smallint", "reward_id": "uuid"}[KEYS[table]]
    assert {row[1:] for row in rows} == {(KEYS[table], kind, True)}


@pytest.mark.parametrize("table", KEYS)
def test_nothing_ties_its_rows_to_others(url: str, table: str) -> None:
    """Neither keys to other tables, nor triggers other than Citus' own, nor rules."""
    ties = query(
        url,
        """
        SELECT conname FROM pg_constraint WHERE contype = 'f' AND %s::regclass IN (conrelid, confrelid)
        UNION ALL SELECT tgname FROM pg_trigger JOIN pg_proc f ON f.oid = tgfoid
        WHERE tgrelid = %s::regclass AND f.proname <> 'citus_truncate_trigger'
        UNION ALL SELECT rulename FROM pg_rewrite WHERE ev_class = %s::regclass
        """,
        *(table, table, table),
    )
    assert not ties


@pytest.mark.skipif(not ON_CITUS, reason="PostgreSQL locks rows and not tables for what they refer to")
@pytest.mark.parametrize("table", TABLES.everywhere)
def test_what_is_everywhere_refers_to_nothing_else_that_is(url: str, table: str) -> None:
    statement = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
    assert not query(url, statement, table)


@pytest.mark.parametrize("table", KEYS)
def test_its_rows_are_not_numbered_by_one_machine(url: str, table: str) -> None:
    """No sequence, and no default that varies. What an older schema numbers gets its number from the server."""
    varying = query(
        url,
        """
        SELECT a.attname FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        WHERE a.attrelid = %s::regclass AND a.attnum > 0
          AND (a.attidentity <> '' OR a.attgenerated = '' AND pg_get_expr(d.adbin, d.adrelid) ~ '\\(')
        """,
        table,
    )
    given_by_the_server = {} if ON_CITUS else {"reward_code": [("number",)]}
    assert varying == given_by_the_server.get(table, [])
    assert "number," in stored_codes._ADD_CODES
    assert "OVERRIDING SYSTEM VALUE" in stored_codes._ADD_CODES


def test_what_batches_call_is_what_the_catalogue_says(url: str) -> None:
    for names, kinds in ((IMMUTABLE, "i"), (STABLE, "is")):
        statement = "SELECT proname FROM pg_proc WHERE proname = ANY (%s) AND provolatile <> ALL (%s)"
        assert not query(url, statement, list(names), list(kinds))


# The command


def run_command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return laurels(*arguments, environment=os.environ, **environment)


@pytest.mark.parametrize("arguments", [["migrate", "--citus"], ["serve", "--port", "1"]])
def test_without_citus_nothing_is_changed(databases: Databases, arguments: list[str]) -> None:
    if ON_CITUS:
        pytest.skip("the databases of this run have Citus")
    plain = databases.create()
    done = run_command(*arguments, LAURELS_DATABASE_URL=plain, LAURELS_CITUS="1")
    assert done.returncode == 1
    assert "This database has no Citus, so its tables stay on one machine" in done.stderr
    assert not query(plain, "SELECT FROM pg_tables WHERE schemaname = 'public'")


def test_the_embedded_postgresql_has_no_citus(tmp_path: Path) -> None:
    done = run_command("migrate", "--citus", "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 1
    assert "add --database-url with the address of the cluster's coordinator" in done.stderr
    assert not (tmp_path / "data").exists()
