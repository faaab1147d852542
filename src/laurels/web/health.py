"""Endpoints for operators: liveness, readiness and metrics."""

from pathlib import Path

import msgspec
from msgspec import Struct

from laurels.storage.postgres import revisions
from laurels.storage.postgres.database import DatabaseUnavailableError, ReadsCrowdedError
from laurels.storage.schema import state as schema
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol import metrics as measured
from laurels.web.protocol.errors import unavailable

routes = Routes(
    "Operation",
    Access.OPEN,
    about="The health of the server and its metrics, for load balancers and monitoring. No key is needed. Guide: "
    "[Running Laurels](docs/operations.md).",
)

ALIVE = {"status": "alive"}
READY = {"status": "ready"}


class HealthAnswer(Struct, frozen=True):
    """The state of the server."""

    status: str
    """`alive` or `ready`."""


@routes.get("/healthz", summary="Is the process alive?", answers={200: HealthAnswer}, answer_example=ALIVE)
async def healthz(_request: Request[None, None]) -> Reply:
    """Returns 200 as long as the process responds at all."""
    return Reply(msgspec.json.encode(HealthAnswer("alive")))


@routes.get("/readyz", summary="Can it serve?", answers={200: HealthAnswer}, answer_example=READY)
async def readyz(request: Request[None, None]) -> Reply:
    """Returns 200 if the database accepts writes and has a schema that this version supports, and the server is not
    stopping."""
    services = request.services
    if services.draining.has_begun:
        raise unavailable("The server is stopping", code="server_stopping")
    try:
        state = await schema.read(services.probe, services.tables.migrations)
    except (DatabaseUnavailableError, ReadsCrowdedError):
        raise unavailable("The database cannot be reached") from None
    if not state.is_writable:
        detail = "The database is read-only, or the role in LAURELS_DATABASE_URL may not write"
        raise unavailable(detail, code="database_read_only")
    if services.keys.is_stale:
        raise unavailable("The API keys cannot be read from the database")
    if services.engine.is_away:
        raise unavailable("The database accepts no connections for writes")
    if services.presence.is_hanging:
        raise unavailable("Transactions of the database do not finish")
    _refuse_schema("The database schema", state.revision, revisions.VERSIONS)
    for own in services.tables.migrations:
        _refuse_schema(f"The database schema of {own.name}", state.further[own.name], own.folder)
    return Reply(msgspec.json.encode(HealthAnswer("ready")))


def _refuse_schema(schema: str, stored: str | None, folder: Path) -> None:
    """Raises Refusal 503 unless the schema has the migrations of the folder."""
    age = "older" if stored is None else revisions.age(stored, folder)
    if age == "unknown":
        detail = f"{schema} has revision {stored!r}, which this version of Laurels does not know"
        raise unavailable(detail, code="schema_unknown")
    if age == "older":
        detail = f"{schema} is older than this version of Laurels; run `laurels migrate`"
        raise unavailable(detail, code="schema_outdated")


@routes.get("/metrics", summary="Metrics for Prometheus", answers={200: str}, content_type=measured.CONTENT_TYPE)
async def metrics(request: Request[None, None]) -> Reply:
    """Requests and latencies by route, batch sizes, queue depth and commit times, for all workers together."""
    measured.QUEUE_DEPTH.set(request.services.engine.queue_depth)
    return Reply(measured.render(), content_type=measured.CONTENT_TYPE.encode())
