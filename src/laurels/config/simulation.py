"""What-if: draft definitions against the last days of the journal, without writing.

Runs in a process of its own with the lowest priority, so that awards go on undisturbed. That process reads one job as
JSON from its standard input and writes one JSON object a line (`SimulationLine`) to its standard output.
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
from laurels.config.definitions_file import DefinitionsFileError, File, Problem
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.definitions.body import DefinitionBody, Kind, Stored, particulars
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

PROBLEMS_TOLD = 100
PROGRESS_SECONDS = 0.5
NICENESS = 19
# Between chunks, so that even a machine with one core gets to its awards.
PAUSE_SECONDS = 0.001


class Job(Struct, frozen=True, kw_only=True):
    """`file` is a definitions file: a section that is there replaces all definitions of its kind."""

    database_url: str
    project_id: int
    days: int
    file: str


class Checked(Struct, frozen=True, kw_only=True):
    """The process's first line: what keeps the draft from being used, PROBLEMS_TOLD at most of `all_problems`."""

    is_done: bool = True
    problems: list[Problem] = []
    all_problems: int = 0


class Drafted(Struct, frozen=True, kw_only=True):
    """The definitions of both sides, and a moment before they were read: what was recorded by then is due to them. The
    kinds are those that are simulated."""

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
    """One definition: what it did, and what it would have done. `in_draft` and `is_live` say where there is one."""

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
    """So many participants would be in another tier now; the first of them as examples."""

    live_tier: str | None
    """The code of the live tier; null for no tier."""
    draft_tier: str | None
    """The code of the tier with the draft; null for no tier."""
    participants: int
    """The number of participants with this change."""
    examples: list[str]
    """Ids of up to 100 of these participants."""


class SimulationResult(Struct, frozen=True, kw_only=True):
    """`since` and `until` bound the time looked at. `refused` commands were allowed and would not be,
    `forgotten_events` could not be decided again as their content is no longer kept. `approximations` say why the draft
    might have done something else; without any it would have done this."""

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
    """One line of the answer: progress now and then, at the end the result or an error."""

    progress: SimulationProgress | UnsetType = UNSET
    """The progress so far, twice per second."""
    result: SimulationResult | UnsetType = UNSET
    """The result, in the last line of a simulation that succeeded."""
    error: str | UnsetType = UNSET
    """A sentence, in the last line of a simulation that failed."""


async def draft_of(
    connection: Connection, tables: AllTables, project_id: int, file: bytes
) -> tuple[Definitions, Definitions]:
    """The live definitions, and those of the draft: the file's, and the live ones of all kinds that it leaves out.

    Raises DefinitionsFileError.
    """
    draft_file = definitions_file.read(tables.kinds, file)
    contents, given = draft_file.contents, draft_file.sections
    live = await DefinitionsCache(tables).newest(connection, project_id)
    known = await _known(connection, project_id)
    problems = [
        problem
        for kind in tables.kinds
        for body in contents[kind.section]
        if (row := known.get((kind.name, body.code)))
        for problem in _problems(draft_file, kind, row, body)
    ]
    if problems:
        raise DefinitionsFileError(problems)
    rows = [
        Stored(
            id=known[kind.name, body.code].id if (kind.name, body.code) in known else new_id(),
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
        if kind.section in given
    ]
    new = Definitions(live.game, live.version + 1, compiled(tables.kinds, rows), live.calendar)
    drafted = [
        definition
        for kind in tables.kinds
        if kind.is_simulated
        for definition in _replaced(
            live[kind.definition].by_id, new[kind.definition].by_id, is_given=kind.section in given
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


async def _known(connection: Connection, project_id: int) -> dict[tuple[str, str], DefinitionRow]:
    """The definitions by kind and code, and where nothing has a code the one that had it last: what people have of them
    carries over to a draft's, as it does when it is applied."""
    present = {(row.kind, row.code): row for row in await definitions.present(connection, project_id)}
    return {**await definitions.deleted(connection, project_id), **present}


def _problems(file: File, kind: Kind, row: DefinitionRow, body: DefinitionBody) -> Iterator[Problem]:
    wrong = kind.changed_fixed_field(row, body, is_deleted=row.deleted_at is not None)
    if wrong is not None:
        yield file.problem(kind.section, body.code, wrong.field, wrong.message)


def _replaced(live: Mapping[str, Definition], new: Mapping[str, Definition], *, is_given: bool) -> list[Definition]:
    """Live definitions that the draft has no more are withdrawn: people may still have what they gave."""
    if not is_given:
        return list(live.values())
    gone = [definition for name, definition in live.items() if name not in new]
    return [*new.values(), *(msgspec.structs.replace(d, is_deleted=True, is_active=False) for d in gone)]


async def drafted(connection: Connection, tables: AllTables, job: Job) -> Drafted:
    """Raises what `draft_of` raises."""
    now = datetime.now(UTC)
    live, draft = await draft_of(connection, tables, job.project_id, job.file.encode(errors="surrogateescape"))
    kinds = tuple(kind for kind in tables.kinds if kind.is_simulated)
    return Drafted(kinds=kinds, live=live, draft=draft, until=live.calendar.at(now))


async def simulate(connection: Connection, job: Job, drafted: Drafted) -> AsyncIterator[SimulationLine]:
    """Lines of progress, then one with the result."""
    started = time.monotonic()
    live, draft, until = drafted.live, drafted.draft, drafted.until
    since = until - timedelta(days=job.days)
    participants = await journal.participants_with_facts(connection, job.project_id, since)
    limited = [rule.id for rule in draft[Rule].by_id.values() if any(limit.in_total for limit in rule.limits)]
    totals = await journal.limit_totals(connection, job.project_id, since, limited)
    tally = Tally()
    done = 0
    told = 0.0
    async for chunk in journal.histories(connection, job.project_id, live, since, until):
        for participant, facts in chunk:
            participant.limit_totals = totals
            replay(tally, draft, participant, facts, since)
        done += len(chunk)
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            progress = SimulationProgress(
                participants_done=done, participants=max(done, participants), events_done=tally.events
            )
            yield SimulationLine(progress=progress)
        await asyncio.sleep(PAUSE_SECONDS)
    yield SimulationLine(result=_result(tally, drafted, since, done, time.monotonic() - started))


def _result(
    tally: Tally,
    drafted: Drafted,
    since: datetime,
    participants: int,
    seconds: float,
) -> SimulationResult:
    changes = sorted(tally.moves.items(), key=lambda item: -item[1].participants)
    return SimulationResult(
        since=since,
        until=drafted.until,
        participants=participants,
        commands=tally.commands,
        events=tally.events,
        refused=tally.refused,
        forgotten_events=tally.forgotten_events,
        approximations=tally.approximations,
        points_live=SimulatedPoints(awarded=tally.live.points_awarded, deducted=tally.live.points_deducted),
        points_draft=SimulatedPoints(awarded=tally.draft.points_awarded, deducted=tally.draft.points_deducted),
        definitions=[each for kind in drafted.kinds for each in _compared(tally, drafted, kind)],
        tier_changes=[
            SimulatedTierChange(
                live_tier=_code(drafted.draft, before),
                draft_tier=_code(drafted.draft, after),
                participants=change.participants,
                examples=change.examples,
            )
            for (before, after), change in changes
        ],
        seconds=round(seconds, 1),
    )


def _compared(tally: Tally, drafted: Drafted, kind: Kind) -> list[SimulatedDefinition]:
    of_live, of_draft = drafted.live[kind.definition].by_id, drafted.draft[kind.definition].by_id
    found = []
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
            found.append(result)
    return sorted(found, key=lambda result: result.code)


def _code(draft: Definitions, tier_id: str | None) -> str | None:
    return None if tier_id is None else draft[Tier].by_id[tier_id].code


async def _run(tables: AllTables, job: Job) -> None:
    connection = await connect_one(job.database_url)
    try:
        try:
            trial = await drafted(connection, tables, job)
        except DefinitionsFileError as error:
            _write(Checked(problems=error.problems[:PROBLEMS_TOLD], all_problems=len(error.problems)))
            return
        _write(Checked())
        async for line in simulate(connection, job, trial):
            _write(line)
    finally:
        await connection.close()


def _write(line: Checked | SimulationLine) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    # Whoever started us may be gone: then this fails, and the work ends.
    sys.stdout.buffer.flush()


def main(tables: AllTables) -> None:
    """The process: one job, then the end. What goes wrong is in the server's log."""
    logs.configure()
    try:
        asyncio.run(_run(tables, msgspec.json.decode(sys.stdin.buffer.read(), type=Job)))
    except Exception:
        log.exception("simulation_failed")
        sys.exit(1)
