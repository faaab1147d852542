"""The endpoint that simulates draft definitions on past activity, and streams progress and the result."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.config.examples import SIMULATE_DEFINITIONS_REQUEST, SIMULATE_DEFINITIONS_RESPONSE
from laurels.config.simulation import NICENESS, DraftCheck, SimulationJob, SimulationLine
from laurels.kernel.definitions.counts import PRESENT_LIMIT
from laurels.kernel.input.problems import FieldError
from laurels.web.endpoint import Request, Routes, StreamedReply
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal, invalid, unavailable

routes = Routes(
    "Simulation",
    Access.ADMIN,
    about="Test changed definitions against real history before they go live. Guide: [What if?](docs/simulate.md).",
)

LINE_LIMIT_BYTES = 64 * 1024 * 1024

# The process lowers its priority before its imports, which take most of a second of processor time. The composition
# root provides its main function.
_PROCESS = f"import os, pkgutil; os.nice({NICENESS}); pkgutil.resolve_name(%r).simulate_one()"


class SimulateRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`definitions` has the sections of a definitions file. A section replaces all definitions of its kind; kinds
    without a section keep their live definitions. Leaderboards are not simulated."""

    definitions: dict[str, Any]
    """The draft, in the form of a definitions file: a list of definitions by section, such as `rules`. A section
    replaces all live definitions of its kind; kinds without a section stay as they are."""
    days: Annotated[int, Meta(ge=1, le=366, description="The number of past days to simulate.")] = 30


# Projects with a simulation that this process has started.
_running: set[int] = set()


def _is_running() -> Refusal:
    detail = "A simulation of this project is already running; wait for its end or close its request"
    return Refusal(409, detail, code="simulation_running")


@routes.post(
    "/gamify/admin/simulate",
    summary="Simulate draft definitions on past activity",
    body=SimulateRequest,
    answers={200: SimulationLine},
    refuses=(409, 503),
    refusals={409: _is_running()},
    answer_example=SIMULATE_DEFINITIONS_RESPONSE,
    content_type="application/x-ndjson",
    example=SIMULATE_DEFINITIONS_REQUEST,
)
async def simulate_definitions(request: Request[SimulateRequest, None]) -> StreamedReply:
    """Decides the commands of the last days again with the draft definitions, without writing anything. The response is
    one JSON object per line: progress from time to time, and the result at the end. Each server process runs one
    simulation per project at a time."""
    project_id = request.project_id
    for section, drafts in request.body.definitions.items():
        if isinstance(drafts, list) and len(drafts) > PRESENT_LIMIT:
            raise invalid(f"definitions.{section}", f"may have up to {PRESENT_LIMIT} definitions, not {len(drafts)}")
    file = msgspec.json.encode(request.body.definitions)
    if project_id in _running:
        raise _is_running()
    job = SimulationJob(
        database_url=request.services.database_url, project_id=project_id, days=request.body.days, file=file.decode()
    )
    lines = _lines(job, request.services.composition)
    check = msgspec.json.decode(await anext(lines), type=DraftCheck)
    if check.problems:
        await lines.aclose()
        raise _refusal(check)
    if not check.is_done:
        await lines.aclose()
        raise unavailable("The simulation could not be started; try again shortly", code="server_busy")
    return StreamedReply(lines, b"application/x-ndjson")


async def _lines(job: SimulationJob, composition: str) -> AsyncGenerator[bytes, None]:
    """The lines that a separate process writes: the check of the draft, then the lines of the response. The process
    ends with this generator."""
    _running.add(job.project_id)
    process = None
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", _PROCESS % composition, stdin=PIPE, stdout=PIPE, limit=LINE_LIMIT_BYTES
        )
        assert process.stdin  # noqa: S101
        assert process.stdout  # noqa: S101
        process.stdin.write(msgspec.json.encode(job))
        process.stdin.write_eof()
        last = b""
        yield await process.stdout.readline() or msgspec.json.encode(DraftCheck(is_done=False))
        while line := await process.stdout.readline():
            last = line
            yield line
        if b'"progress"' in last[:12] or not last:
            yield msgspec.json.encode(SimulationLine(error="The simulation ended without a result; try again")) + b"\n"
    finally:
        _running.discard(job.project_id)
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


def _refusal(check: DraftCheck) -> Refusal:
    fields = [
        FieldError(f"definitions.{problem.place}".rstrip("."), problem.sentence.removeprefix(problem.place).strip(" ."))
        for problem in check.problems
    ]
    end = "" if fields[0].message.endswith("?") else "."
    detail = f"{fields[0].field} {fields[0].message}{end}"
    if check.all_problems > len(fields):
        detail += f" There are {check.all_problems} problems; the first {len(fields)} are listed."
    return Refusal(422, detail, fields, code="invalid_request")
