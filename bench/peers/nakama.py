"""Nakama by its RPCs: a wallet with its ledger, and a leaderboard."""

import json
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench import load

PREPARED_AT_ONCE = 1_000
AWARD = '{"id":"%s","amount":5}'
RANK = '{"id":"%s"}'


@dataclass(frozen=True)
class Nakama:
    """`ids_file` has the users' ids, one a line."""

    url: str
    http_key: str
    ids_file: str

    def awards(self, seconds: float) -> load.Load:
        return self._calls("laurels_award", AWARD, seconds, load.CONNECTIONS)

    def ranks(self, seconds: float, connections: int) -> load.Load:
        return self._calls("laurels_rank", RANK, seconds, connections)

    def _calls(self, rpc: str, body: str, seconds: float, connections: int) -> load.Load:
        path = _path(rpc, self.http_key)
        return load.wrk_rpc(self.url, path, body, self.ids_file, seconds, connections)


@contextmanager
def prepared(url: str, http_key: str, participants: int) -> Iterator[Nakama]:
    """Creates the users and the board, if they are not there yet."""
    with tempfile.NamedTemporaryFile("w", suffix=".ids") as file:
        for first in range(1, participants + 1, PREPARED_AT_ONCE):
            last = min(first + PREPARED_AT_ONCE - 1, participants)
            answer = _ask(url + _path("laurels_prepare", http_key), {"from": first, "to": last})
            file.writelines(f"{each}\n" for each in answer["ids"])
        file.flush()
        yield Nakama(url, http_key, file.name)


def _path(rpc: str, http_key: str) -> str:
    """With `unwrap` the body is the payload itself, not a string with it."""
    return f"/v2/rpc/{rpc}?{urllib.parse.urlencode({'http_key': http_key})}&unwrap"


def _ask(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)
