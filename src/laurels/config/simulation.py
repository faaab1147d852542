"""Simulates draft definitions on the last days of the journal, without writing to the database.

A simulation runs in a separate process with the lowest priority, so that it does not slow down awards. The process
reads one job as JSON from standard input, and writes one JSON object per line (`SimulationLine`) to standard output.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from msgspec import UNSET, Struct, UnsetType

from laurels import logs
from laurels.config import definitions_file
from laurels.config import past as journal
from laurels.config.definitions_file import DefinitionsFile, DefinitionsFileError, Problem
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition, particulars
from laurels.kernel.definitions.counts import too_many
from laurels.kernel.definitions.kinds import compiled
from laurels.kernel.definitions.references import dangling
from laurels.kernel.tally import Approximation, DefinitionTally, Tally
from laurels.kernel.what_if.replay import replay
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.tiers.model import Tier
from laurels.storage import definitions
from laurels.storage.definitions import DefinitionRow, DefinitionsCache
from laurels.storage.postgres.database import Connection, connect_one
from laurels.storage.postgres.ids import new_id
from laurels.storage.tables import AllTables

log = structlog.get_logger("laurels.config.simulation")

PROBLEMS_SHOWN = 100
PROGRESS_SECONDS = 0.5
NICENESS = 19
# The pause between chunks, so that a machine with one core still processes awards.
PAUSE_SECONDS = 0.001


class SimulationJob(Struct, frozen=True, kw_only=True):
    """The input of a simulation. `file` is a definitions file; a section in it replaces all definitions of its kind."""

    database_url: str
    project_id: int
    days: int
    file: str


class DraftCheck(Struct, frozen=True, kw_only=True):
    """The first line of the process: the problems of the draft, up to PROBLEMS_SHOWN. `all_problems` counts all."""

    is_done: bool = True
    problems: list[Problem] = []
    all_problems: int = 0


class Comparison(Struct, frozen=True, kw_only=True):
    """The live and the draft definitions to compare. `kinds` are the simulated kinds. Facts recorded before `until`,
    which is a moment before the definitions were read, are simulated."""

    kinds: tuple[Kind, ...]
    live: Definitions
    draft: Definitions
    until: datetime


class SimulationProgress(Struct, frozen=True, kw_only=True):
    """The progress of a simulation."""

    participants_done: int
    """The number of participants that are finished."""
    participants: int
    """The number of participants with a fact in the simulated time span."""
    events_done: int
    """The number of events that are finished."""


class SimulatedDefinition(Struct, frozen=True, kw_only=True):
    """The actual effects of one definition, and its effects in the simulation. `is_live` and `in_draft` show on which
    side the definition exists."""

    kind: str
    """The kind of definition, such as `rule`."""
    code: str
    is_live: bool
    """Whether it is a live definition."""
    in_draft: bool
    """Whether it is a definition of the draft."""
    live: DefinitionTally
    """Its real results in the simulated time span."""
    draft: DefinitionTally
    """Its results with the draft."""


class SimulatedPoints(Struct, frozen=True, kw_only=True):
    """Points awarded and deducted in total."""

    awarded: int
    """Points awarded."""
    deducted: int
    """Points deducted."""


class SimulatedTierChange(Struct, frozen=True, kw_only=True):
    """The participants who would now be in another tier, with the first of them as examples."""

    live_tier: str | None
    """The code of the live tier; null for no tier."""
    draft_tier: str | None
    """The code of the tier with the draft; null for no tier."""
    participants: int
    """The number of participants with this change."""
    examples: list[str]
    """Ids of up to 100 of these participants."""


class SimulationResult(Struct, frozen=True, kw_only=True):
    """The result of a simulation. `since` and `until` are the bounds of the simulated time. `refused` is the number of
    commands that were accepted and would be refused. `forgotten_events` could not be decided again because their
    content is no longer kept. `approximations` are reasons why the draft could have had other effects; without any, the
    result is exact."""

    since: datetime
    """The beginning of the simulated time span."""
    until: datetime
    """The end of the simulated time span."""
    participants: int
    """The number of participants with a fact in the time span."""
    commands: int
    """The number of commands that were decided again."""
    events: int
    """The number of events that were decided again."""
    refused: int
    """The number of commands that were allowed and that the draft refuses."""
    forgotten_events: int
    """The number of events that could not be decided again, because their content is no longer kept."""
    approximations: list[Approximation]
    """The reasons why the real result of the draft might differ; empty if the simulation is exact."""
    points_live: SimulatedPoints
    """The points that were really awarded and deducted."""
    points_draft: SimulatedPoints
    """The points that the draft awards and deducts."""
    definitions: list[SimulatedDefinition]
    """The results of each definition, live and in the draft."""
    tier_changes: list[SimulatedTierChange]
    """The participants that would be in another tier at the end, counted by change."""
    seconds: float
    """The duration of the simulation."""


class SimulationLine(Struct, frozen=True, kw_only=True):
    """One line of the response: progress from time to time, and the result or an error at the end."""

    progress: SimulationProgress | UnsetType = UNSET
    """The progress so far, twice per second."""
    result: SimulationResult | UnsetType = UNSET
    """The result, in the last line of a simulation that succeeded."""
    error: str | UnsetType = UNSET
    """A sentence, in the last line of a simulation that failed."""


async def draft_of(
    connection: Connection, tables: AllTables, project_id: int, file: bytes
) -> tuple[Definitions, Definitions]:
    """The live definitions and the draft. The draft has the definitions of the file, and the live definitions of kinds
    without a section. Raises DefinitionsFileError."""
    draft_file = definitions_file.read(tables.kinds, file)
    contents, sections = draft_file.contents, draft_file.sections
    live = await DefinitionsCache(tables).newest(connection, project_id)
    stored = await _stored_rows(connection, project_id)
    problems = [
        problem
        for kind in tables.kinds
        for body in contents[kind.section]
        if (row := stored.get((kind.name, body.code)))
        for problem in _problems(draft_file, kind, row, body)
    ]
    if problems:
        raise DefinitionsFileError(problems)
    rows = [
        StoredDefinition(
            id=stored[kind.name, body.code].id if (kind.name, body.code) in stored else new_id(),
            kind=kind.name,
            code=body.code,
            body=particulars(body),
            version=live.version + 1,
            is_active=body.is_active,
            is_deleted=False,
            display_order=body.display_order,
        )
        for kind in tables.kinds
        for body in contents[kind.section]
        if kind.section in sections
    ]
    new = Definitions(live.game, live.version + 1, compiled(tables.kinds, rows), live.calendar)
    drafted = [
        definition
        for kind in tables.kinds
        if kind.is_simulated
        for definition in _replaced(
            live[kind.definition].by_id, new[kind.definition].by_id, is_in_file=kind.section in sections
        )
    ]
    draft = Definitions(live.game, live.version + 1, drafted, live.calendar)
    problems = [
        Problem(kind.section, f"{kind.section}: {sentence}.", None)
        for kind in tables.kinds
        if (sentence := too_many(kind, live, draft))
    ]
    if problems:
        raise DefinitionsFileError(problems)
    draft_file.refuse(dangling(draft))
    return live, draft


async def _stored_rows(connection: Connection, project_id: int) -> dict[tuple[str, str], DefinitionRow]:
    """The definitions by kind and code, or the last deleted one with a code. Participants keep their progress in the
    draft's definition of the same code, as they do after an apply."""
    current = {(row.kind, row.code): row for row in await definitions.present(connection, project_id)}
    return {**await definitions.deleted(connection, project_id), **current}


def _problems(file: DefinitionsFile, kind: Kind, row: DefinitionRow, body: DefinitionBody) -> Iterator[Problem]:
    problem = kind.changed_fixed_field(row, body, is_deleted=row.deleted_at is not None)
    if problem is not None:
        yield file.problem(kind.section, body.code, problem.field, problem.message)


def _replaced(live: Mapping[str, Definition], new: Mapping[str, Definition], *, is_in_file: bool) -> list[Definition]:
    """The draft's definitions of one kind. Live definitions that the draft omits are included as deleted, because
    participants may still hold their badges or tiers."""
    if not is_in_file:
        return list(live.values())
    withdrawn = [definition for name, definition in live.items() if name not in new]
    return [*new.values(), *(msgspec.structs.replace(d, is_deleted=True, is_active=False) for d in withdrawn)]


async def compare(connection: Connection, tables: AllTables, job: SimulationJob) -> Comparison:
    """Reads the definitions to compare. Raises DefinitionsFileError."""
    now = datetime.now(UTC)
    live, draft = await draft_of(connection, tables, job.project_id, job.file.encode(errors="surrogateescape"))
    kinds = tuple(kind for kind in tables.kinds if kind.is_simulated)
    return Comparison(kinds=kinds, live=live, draft=draft, until=live.calendar.at(now))


async def simulate(connection: Connection, job: SimulationJob, compared: Comparison) -> AsyncIterator[SimulationLine]:
    """Lines with progress, then a line with the result."""
    started = time.monotonic()
    live, draft, until = compared.live, compared.draft, compared.until
    since = until - timedelta(days=job.days)
    participants = await journal.participants_with_facts(connection, job.project_id, since)
    limited = [rule.id for rule in draft[Rule].by_id.values() if any(limit.in_total for limit in rule.limits)]
    totals = await journal.limit_totals(connection, job.project_id, since, limited)
    tally = Tally()
    participants_done = 0
    reported_at = 0.0
    async for chunk in journal.histories(connection, job.project_id, live, since, until):
        for participant, facts in chunk:
            participant.limit_totals = totals
            replay(tally, draft, participant, facts, since)
        participants_done += len(chunk)
        if time.monotonic() - reported_at > PROGRESS_SECONDS:
            reported_at = time.monotonic()
            progress = SimulationProgress(
                participants_done=participants_done,
                participants=max(participants_done, participants),
                events_done=tally.events,
            )
            yield SimulationLine(progress=progress)
        await asyncio.sleep(PAUSE_SECONDS)
    yield SimulationLine(result=_result(tally, compared, since, participants_done, time.monotonic() - started))


def _result(
    tally: Tally,
    compared: Comparison,
    since: datetime,
    participants: int,
    seconds: float,
) -> SimulationResult:
    changes = sorted(tally.moves.items(), key=lambda item: -item[1].participants)
    return SimulationResult(
        since=since,
        until=compared.until,
        participants=participants,
        commands=tally.commands,
        events=tally.events,
        refused=tally.refused,
        forgotten_events=tally.forgotten_events,
        approximations=tally.approximations,
        points_live=SimulatedPoints(awarded=tally.live.points_awarded, deducted=tally.live.points_deducted),
        points_draft=SimulatedPoints(awarded=tally.draft.points_awarded, deducted=tally.draft.points_deducted),
        definitions=[each for kind in compared.kinds for each in _simulated(tally, compared, kind)],
        tier_changes=[
            SimulatedTierChange(
                live_tier=_code(compared.draft, before),
                draft_tier=_code(compared.draft, after),
                participants=change.participants,
                examples=change.examples,
            )
            for (before, after), change in changes
        ],
        seconds=round(seconds, 1),
    )


def _simulated(tally: Tally, compared: Comparison, kind: Kind) -> list[SimulatedDefinition]:
    of_live, of_draft = compared.live[kind.definition].by_id, compared.draft[kind.definition].by_id
    results = []
    for name in {**of_live, **of_draft}:
        is_live = name in of_live and not of_live[name].is_deleted
        in_draft = name in of_draft and not of_draft[name].is_deleted
        before = tally.live.by_definition.get(name, DefinitionTally())
        after = tally.draft.by_definition.get(name, DefinitionTally())
        if is_live or in_draft or before != DefinitionTally():
            code = (of_draft.get(name) or of_live[name]).code
            result = SimulatedDefinition(
                kind=kind.name, code=code, is_live=is_live, in_draft=in_draft, live=before, draft=after
            )
            results.append(result)
    return sorted(results, key=lambda result: result.code)


def _code(draft: Definitions, tier_id: str | None) -> str | None:
    return None if tier_id is None else draft[Tier].by_id[tier_id].code


async def _run(tables: AllTables, job: SimulationJob) -> None:
    connection = await connect_one(job.database_url)
    try:
        try:
            compared = await compare(connection, tables, job)
        except DefinitionsFileError as error:
            _write(DraftCheck(problems=error.problems[:PROBLEMS_SHOWN], all_problems=len(error.problems)))
            return
        _write(DraftCheck())
        async for line in simulate(connection, job, compared):
            _write(line)
    finally:
        await connection.close()


def _write(line: DraftCheck | SimulationLine) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    # This fails if the parent process has ended; the simulation then ends as well.
    sys.stdout.buffer.flush()


def main(tables: AllTables) -> None:
    """The main function of the process: runs one job. Failures are logged to the server's log."""
    logs.configure()
    try:
        asyncio.run(_run(tables, msgspec.json.decode(sys.stdin.buffer.read(), type=SimulationJob)))
    except Exception:
        log.exception("simulation_failed")
        sys.exit(1)
