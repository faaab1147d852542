from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import msgspec
import pytest

from tests.abuse.requests import ENDPOINTS
from tests.checks import contents, make_key
from tests.conftest import TEMPLATE
from tests.populated import populate
from tests.support import ADMIN_KEY, Databases, Server

FILLED_LATER = {"standing", "score_count", "board_standing", "board_leaf", "board_part", "judging", "event_retention"}


class World(NamedTuple):
    """A server with two projects that have one of everything. `known` and `foreign` are the parameters of paths in
    `default` and in the other project; `keys` are of `default`, by their scope."""

    server: Server
    database_url: str
    log: Path
    api: httpx.Client
    known: dict[str, str]
    keys: dict[str, str]
    stranger: httpx.Client
    foreign: dict[str, str]

    def targets(self, operation: str) -> dict[str, str]:
        """The parameters of paths for a request that may be carried out. What it may delete is made for it: all
        tests share what is known, and run in any order."""
        if ENDPOINTS[operation].method != "DELETE":
            return self.known
        return populate(self.api, participant_id=f"expendable-{uuid4().hex}")

    def client(self, scope: str) -> httpx.Client:
        return self.server.client(self.keys[scope])

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nothing that anybody did is stored."""
        before = self._stored()
        yield
        assert self._stored() == before

    def _stored(self) -> dict[str, tuple[int, str]]:
        return {table: held for table, held in contents(self.database_url).items() if table not in FILLED_LATER}

    def logged(self) -> list[dict[str, Any]]:
        """The lines of the log, each of which has to be an object."""
        lines = self.log.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=dict[str, Any]) for line in lines if line.startswith(b"{")]


@pytest.fixture(scope="session")
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = databases.create(TEMPLATE, is_kept=True)
    log = tmp_path_factory.mktemp("abuse") / "server.log"
    server = Server(url, log_requests="1")
    server.start(log=log)
    try:
        with server.client() as api:
            known = populate(api)
            keys = {scope: make_key(url, scope) for scope in ("gamify", "gamify:admin", "admin")}  # type: ignore[arg-type]
            keys["operator"] = ADMIN_KEY
            other = make_key(url, "operator", project="other")
            with server.client(other) as stranger:
                foreign = populate(stranger)
                yield World(server, url, log, api, known, keys, stranger, foreign)
    finally:
        server.stop()
