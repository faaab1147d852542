"""What-if: a draft of definitions against the last days, answered line by line while it is worked out."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.config.examples import SIMULATE_DEFINITIONS_REQUEST, SIMULATE_DEFINITIONS_RESPONSE
from laurels.config.simulation import NICENESS, Checked, Job, SimulationLine
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

# The process yields to the server before its imports, which take most of a second of the processor. It is made by the
# composition root, too.
_PROCESS = f"import os, pkgutil; os.nice({NICENESS}); pkgutil.resolve_name(%r).simulate_one()"


class SimulateRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`definitions` has the sections of a definitions file: one that is there replaces all definitions of its kind, the
    others stay as they are. Leaderboards are not simulated."""

    definitions: dict[str, Any]
    """The draft, in the form of a definitions file: a list of definitions by section, such as `rules`. A section
    replaces all live definitions of its kind; kinds without a section stay as they are."""
    days: Annotated[int, Meta(ge=1, le=366, description="How far back.")] = 30


# Projects whose simulation this process is waiting for.
_running: set[int] = set()


def _is_running() -> Refusal:
    detail = "A simulation of this project is running; wait for its end, or end its request"
    return Refusal(409, detail, code="simulation_running")


@routes.post(
    "/gamify/admin/simulate",
    summary="What would draft definitions have done?",
    body=SimulateRequest,
    answers={200: SimulationLine},
    refuses=(409, 503),
    refusals={409: _is_running()},
    answer_example=SIMULATE_DEFINITIONS_RESPONSE,
    content_type="application/x-ndjson",
    example=SIMULATE_DEFINITIONS_REQUEST,
)
async def simulate_definitions(request: Request[SimulateRequest, None]) -> StreamedReply:
    """Decides the commands of the last days again by the draft, without writing anything. One JSON object a line:
    progress now and then, at the end the result. In each process of a server one simulation a project at a time."""
    project_id = request.project_id
    for section, given in request.body.definitions.items():
        if isinstance(given, list) and len(given) > PRESENT_LIMIT:
            raise invalid(f"definitions.{section}", f"must have at most {PRESENT_LIMIT} definitions, not {len(given)}")
    file = msgspec.json.encode(request.body.definitions)
    if project_id in _running:
        raise _is_running()
    job = Job(
        database_url=request.services.database_url, project_id=project_id, days=request.body.days, file=file.decode()
    )
    lines = _lines(job, request.services.composition)
    checked = msgspec.json.decode(await anext(lines), type=Checked)
    if checked.problems:
        await lines.aclose()
        raise _refusal(checked)
    if not checked.is_done:
        await lines.aclose()
        raise unavailable("The simulation could not begin; try again shortly", code="server_busy")
    return StreamedReply(lines, b"application/x-ndjson")


async def _lines(job: Job, composition: str) -> AsyncGenerator[bytes, None]:
    """Those of a process of its own, which ends with this generator: what it says of the draft, then the answer's."""
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
        yield await process.stdout.readline() or msgspec.json.encode(Checked(is_done=False))
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


def _refusal(checked: Checked) -> Refusal:
    fields = [
        FieldError(f"definitions.{problem.place}".rstrip("."), problem.sentence.removeprefix(problem.place).strip(" ."))
        for problem in checked.problems
    ]
    end = "" if fields[0].message.endswith("?") else "."
    detail = f"{fields[0].field} {fields[0].message}{end}"
    if checked.all_problems > len(fields):
        detail += f" There are {checked.all_problems} problems; the first {len(fields)} are listed."
    return Refusal(422, detail, fields, code="invalid_request")
