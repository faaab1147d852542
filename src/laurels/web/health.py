"""For operators: alive, ready, metrics."""

from pathlib import Path

import msgspec
from msgspec import Struct

from laurels.storage.postgres import revisions
from laurels.storage.postgres.database import DatabaseUnavailableError, ReadsCrowdedError
from laurels.storage.schema import migrate as schema
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
    """200 as long as the process answers at all."""
    return Reply(msgspec.json.encode(HealthAnswer("alive")))


@routes.get("/readyz", summary="Can it serve?", answers={200: HealthAnswer}, answer_example=READY)
async def readyz(request: Request[None, None]) -> Reply:
    """200 when the database takes writes and has a schema that this version can work with, and the server is not about
    to stop."""
    services = request.services
    if services.draining.has_begun:
        raise unavailable("The server is stopping", code="server_stopping")
    try:
        state = await schema.state(services.probe, services.tables.migrations)
    except (DatabaseUnavailableError, ReadsCrowdedError):
        raise unavailable("The database cannot be reached") from None
    if not state.is_writable:
        raise unavailable("The database is read-only, or its role may not write", code="database_read_only")
    if services.keys.is_stale:
        raise unavailable("The database does not say which API keys are valid")
    if services.engine.is_away:
        raise unavailable("The database lets no connection in that may write")
    if services.presence.is_hanging:
        raise unavailable("The database finishes no transaction")
    _refuse_schema("The database's schema", state.revision, revisions.VERSIONS)
    for own in services.tables.migrations:
        _refuse_schema(f"The database's schema of {own.name}", state.further[own.name], own.folder)
    return Reply(msgspec.json.encode(HealthAnswer("ready")))


def _refuse_schema(schema_of: str, stored: str | None, folder: Path) -> None:
    """Raises Refusal 503 for a schema that does not have the migrations of the folder."""
    age = "older" if stored is None else revisions.age(stored, folder)
    if age == "unknown":
        detail = f"{schema_of} is of the revision {stored!r}, which is unknown to this version"
        raise unavailable(detail, code="schema_unknown")
    if age == "older":
        detail = f"{schema_of} is older than this version; run `laurels migrate`"
        raise unavailable(detail, code="schema_outdated")


@routes.get("/metrics", summary="Metrics for Prometheus", answers={200: str}, content_type=measured.CONTENT_TYPE)
async def metrics(request: Request[None, None]) -> Reply:
    """Requests and latencies by route, batch sizes, queue depth, commit times; of all workers together."""
    measured.QUEUE_DEPTH.set(request.services.engine.queue_depth)
    return Reply(measured.render(), content_type=measured.CONTENT_TYPE.encode())
