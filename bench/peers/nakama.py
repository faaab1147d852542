"""Calls Nakama through its RPCs: a wallet with its ledger, and a leaderboard."""

import json
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench import load

PREPARED_AT_ONCE = 50  # Nakama aborts a response that takes ten seconds
PREPARING_THREADS = 16
AWARD = '{"id":"%s","amount":%d}'
RANK = '{"id":"%s"}'


@dataclass(frozen=True)
class Nakama:
    """A Nakama with users and a board. `ids_file` has the ids of the users, one per line."""

    url: str
    http_key: str
    ids_file: str

    def awards(self, seconds: float) -> load.Load:
        return self._load("laurels_award", AWARD, seconds, load.CONNECTIONS)

    def ranks(self, seconds: float, connections: int) -> load.Load:
        return self._load("laurels_rank", RANK, seconds, connections)

    def settle(self) -> None:
        """Runs a checkpoint of the database, as before a measurement of Laurels."""
        self._call("laurels_checkpoint", {})

    def totals(self) -> dict[str, int]:
        """The number of `entries` of the ledger, and the sum of points of the `ledger`, of the `wallets` and of the
        `scores` on the board."""
        totals: dict[str, int] = self._call("laurels_totals", {})
        return totals

    def _load(self, rpc: str, body: str, seconds: float, connections: int) -> load.Load:
        path = _path(rpc, self.http_key)
        return load.wrk_rpc(self.url, path, body, self.ids_file, seconds, connections)

    def _call(self, rpc: str, body: dict[str, Any]) -> Any:
        return _call(self.url + _path(rpc, self.http_key), body)


@contextmanager
def prepared(url: str, http_key: str, scores: list[int]) -> Iterator[Nakama]:
    """Creates the users and the board, unless they exist, and sets the score of each user."""

    def prepare(first: int) -> list[str]:
        body = {"from": first + 1, "scores": scores[first : first + PREPARED_AT_ONCE]}
        ids: list[str] = _call(url + _path("laurels_prepare", http_key), body)["ids"]
        return ids

    with tempfile.NamedTemporaryFile("w", suffix=".ids") as file:
        with ThreadPoolExecutor(PREPARING_THREADS) as threads:
            for ids in threads.map(prepare, range(0, len(scores), PREPARED_AT_ONCE)):
                file.writelines(f"{each}\n" for each in ids)
        file.flush()
        _call(url + _path("laurels_vacuum", http_key), {})
        yield Nakama(url, http_key, file.name)


def _path(rpc: str, http_key: str) -> str:
    """The path of an RPC. With `unwrap` the body is the payload itself, instead of a string that contains it."""
    return f"/v2/rpc/{rpc}?{urllib.parse.urlencode({'http_key': http_key})}&unwrap"


def _call(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.load(response)
