"""Configuration: every setting is an environment variable `LAURELS_…`; the flags of `laurels serve` set the same."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.problems import problem_of
from laurels.web.protocol.rate_limits import DEFAULT_REQUESTS_PER_SECOND

PREFIX = "LAURELS_"


class SettingsError(Exception):
    """A setting that cannot be used, in a sentence."""


class Settings(Struct, frozen=True, kw_only=True):
    """What one process needs to know. A field's variable is its name in capitals after LAURELS_."""

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
                description="An operator's key of the project `default`, which may do everything; valid from the"
                " first start and only while set",
            ),
        ]
        | None
    ) = None
    # Not set: 3 for a single worker, whose Python then works while PostgreSQL does; 1 for each of several.
    writer_connections: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=16,
                description="Connections that run batches; not set: 3 for a single worker, 1 for each of several",
            ),
        ]
        | None
    ) = None
    reader_connections: Annotated[
        int, Meta(ge=1, le=64, description="A worker's connections for reads; a single key gets half of them")
    ] = 4
    survey_seconds: Annotated[
        float,
        Meta(
            ge=0.1,
            le=600,
            description="Time for each statement that reads a large part of a table, such as a sorted list of all "
            "participants; then 503",
        ),
    ] = 10
    batch_limit: Annotated[int, Meta(ge=1, le=1_000, description="Commands in one transaction")] = 128
    queue_limit: Annotated[
        int,
        Meta(
            ge=100,
            le=1_000_000,
            description="Commands waiting in a worker, of one key as many as it leaves places free; beyond it 503",
        ),
    ] = 5_000
    connection_limit: Annotated[
        int,
        Meta(
            ge=16,
            le=1_000_000,
            description="Connections of a worker, or as many as it may open files; beyond it those give way that have "
            "waited longest",
        ),
    ] = 16_384
    request_seconds: Annotated[
        float,
        Meta(
            ge=1,
            le=600,
            description="Within this time a request's head has to come; of its body, in each stretch of this length, "
            "the end or 4 KiB a second; else 408",
        ),
    ] = 20
    request_memory_mb: Annotated[
        int,
        Meta(
            ge=16,
            le=65_536,
            description="Memory of a worker for the bodies of requests under way and for responses until they are "
            "taken, in MiB, light ones left out; beyond it 503. A single key gets at most half",
        ),
    ] = 64
    rate_limit: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description="Requests a second of a key that has no limit of its own; 0 for no limit",
        ),
    ] = DEFAULT_REQUESTS_PER_SECOND
    # Set by the server where the embedded PostgreSQL archives.
    erasures_file: (
        Annotated[
            str,
            Meta(
                description="File to which erased people are added, as keyed hashes, for `laurels erasures apply` after"
                " a restore; not set: `erasures.jsonl` in the embedded PostgreSQL's backup folder, if it has one"
            ),
        ]
        | None
    ) = None
    citus: Annotated[
        bool,
        Meta(
            description="The database is a Citus cluster, distributed by `laurels migrate --citus`; see docs/scale.md"
        ),
    ] = False
    log_requests: Annotated[
        bool, Meta(description="One JSON line a request on standard error, without keys and people's ids")
    ] = True
    drain_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            description="For so long after SIGTERM `/readyz` answers 503 and requests are served; then it stops",
        ),
    ] = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Raises SettingsError. An empty variable counts as not set."""
        environment = os.environ if environment is None else environment
        given: dict[str, Any] = {}
        for field in cls.__struct_fields__:
            value = environment.get(variable(field), "")
            if value:
                given[field] = value
        try:
            return msgspec.convert(given, cls, strict=False)
        except msgspec.ValidationError as error:
            wrong = problem_of(error)
            raise SettingsError(f"{variable(wrong.field)} {wrong.message.removesuffix(', not a string')}.") from None

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
