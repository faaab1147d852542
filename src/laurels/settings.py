"""The configuration of a server process. Every setting is an environment variable `LAURELS_…`; flags of `laurels serve`
set some of the variables."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.networks import Network, networks_from
from laurels.kernel.input.problems import problem_of
from laurels.web.protocol.rate_limits import DEFAULT_REQUESTS_PER_SECOND

PREFIX = "LAURELS_"


class SettingsError(Exception):
    """A setting with an invalid value, as a sentence."""


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of one process. The variable of a field is LAURELS_ and its name in capitals."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8080
    workers: Annotated[int, Meta(ge=1, le=256)] = 1
    data_dir: str = "./laurels-data"
    database_url: str | None = None
    demo: bool = False
    admin_key: (
        Annotated[
            str,
            Meta(
                min_length=20,
                max_length=200,
                description="An API key of the project `default` with the scope `operator`. It is valid from the first"
                " start, and only while this setting is set",
            ),
        ]
        | None
    ) = None
    # By default 3 for a single worker, so that its Python code runs while PostgreSQL works; 1 for each of several
    # workers.
    writer_connections: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=16,
                description="Number of a worker's connections that run batches. Default: 3 for a single worker, 1 for"
                " each of several",
            ),
        ]
        | None
    ) = None
    reader_connections: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="Number of a worker's connections for reads. A single key can use half of them",
        ),
    ] = 4
    survey_seconds: Annotated[
        float,
        Meta(
            ge=0.1,
            le=600,
            description="Time limit of a statement that reads a large part of a table, such as a sorted list of all "
            "participants. Requests that take longer get 503",
        ),
    ] = 10
    batch_limit: Annotated[int, Meta(ge=1, le=1_000, description="Maximum number of commands in one transaction")] = 128
    queue_limit: Annotated[
        int,
        Meta(
            ge=100,
            le=1_000_000,
            description="Maximum number of commands waiting in a worker. A single key may use at most half "
            "of the places that other keys leave free. Beyond the limit, requests get 503",
        ),
    ] = 5_000
    connection_limit: Annotated[
        int,
        Meta(
            ge=16,
            le=1_000_000,
            description="Maximum number of connections of a worker; also limited by the number of open files. Beyond "
            "it, the connections that have waited longest are closed",
        ),
    ] = 16_384
    request_seconds: Annotated[
        float,
        Meta(
            ge=1,
            le=600,
            description="Time limit for the head of a request, and for its body. A body that arrives at 4 KiB per "
            "second or faster may take longer. Slower requests get 408",
        ),
    ] = 20
    request_memory_mb: Annotated[
        int,
        Meta(
            ge=16,
            le=65_536,
            description="Memory of a worker, in MiB, for the bodies of requests in progress and for responses until "
            "they are read. Small ones do not count. Beyond the limit, requests get 503. A single key can use up to "
            "half",
        ),
    ] = 64
    rate_limit: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description="Default limit of a key, in requests per second; 0 for no limit",
        ),
    ] = DEFAULT_REQUESTS_PER_SECOND
    feed_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3_650,
            description="How many days the feed keeps events. A feed that nobody reads for this time ends",
        ),
    ] = 30
    points_expiring_days: Annotated[
        int,
        Meta(ge=1, le=366, description="Number of days between the event `points.expiring` and the expiry"),
    ] = 7
    webhook_networks: Annotated[
        str,
        Meta(
            max_length=2_000,
            description="Networks that webhooks may reach although they are not public, separated by commas, such as "
            "`10.0.0.0/8, fd00::/8`. Everybody with an admin key can then send requests to them",
        ),
    ] = ""
    # The server sets it if the embedded PostgreSQL archives its log.
    erasures_file: (
        Annotated[
            str,
            Meta(
                description="File to which the server adds erased participants, as keyed hashes, for `laurels erasures"
                " apply` after a restore. Default: `erasures.jsonl` in the backup folder of the embedded PostgreSQL,"
                " if it has one"
            ),
        ]
        | None
    ) = None
    citus: Annotated[
        bool,
        Meta(
            description="The database is a Citus cluster, distributed with `laurels migrate --citus`; see docs/scale.md"
        ),
    ] = False
    log_requests: Annotated[
        bool,
        Meta(description="Log one JSON line per request to standard error, without keys and ids of participants"),
    ] = True
    drain_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            description="Time after SIGTERM in which `/readyz` returns 503 and requests are still served. Then the "
            "server stops",
        ),
    ] = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings from environment variables. An empty variable counts as not set. Raises SettingsError."""
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for field in cls.__struct_fields__:
            value = environment.get(variable(field), "")
            if value:
                values[field] = value
        try:
            settings = msgspec.convert(values, cls, strict=False)
        except msgspec.ValidationError as error:
            problem = problem_of(error)
            message = f"{variable(problem.field)} {problem.message.removesuffix(', not a string')}"
            raise SettingsError(f"{message}.") from None
        try:
            networks_from(settings.webhook_networks)
        except ValueError as error:
            raise SettingsError(f"{variable('webhook_networks')}: {error}.") from None
        return settings

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """The networks that webhooks may reach although they are not public."""
        return networks_from(self.webhook_networks)

    @property
    def writer_connections_per_worker(self) -> int:
        return self.writer_connections or (3 if self.workers == 1 else 1)

    @property
    def erasures_path(self) -> Path | None:
        return Path(self.erasures_file).expanduser().resolve() if self.erasures_file else None

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir).expanduser().resolve()


def variable(field: str) -> str:
    return PREFIX + field.upper()
