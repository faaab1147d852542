"""`python -m bench.peers`: awards that feed a leaderboard, and ranks, against a given Redis and a given Nakama."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import psycopg
import valkey

from bench import load, record, stack, standings
from bench.bench import PORT, Bench, Ratio, Settings
from bench.peers import nakama
from laurels.embedded import EmbeddedPostgres
from laurels.mechanics.leaderboards.scoring.windows import ALL_TIME_KEY

RANK = "/api/v1/gamify/leaderboards/top_scorers/rank/user_%d"
REDIS_SETTINGS = ("appendonly", "appendfsync", "save")
LARGEST_AMOUNT = 100
WARM_UP_SECONDS = 2


class Contestant(Protocol):
    """A product under measurement."""

    version: str

    def turn(self) -> int:
        """Runs a round of awards and of ranks. Returns the number of award responses, including those of the
        warm-up."""

    def check(self, responses: int, unfinished: int) -> None:
        """Raises RuntimeError unless all awards with a response are stored, and at most this number of unfinished
        awards: requests without a response when a run ended."""


class Laurels:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        stack.prepare(bench.postgres.url, bench.settings.participants, with_board=True)
        numbers = standings.insert(bench.postgres.url, standings.SPREAD, all_windows=True)
        self.scores = [score for (score,) in numbers]
        self.version = f"embedded PostgreSQL {self._one('SHOW server_version')}"

    def turn(self) -> int:
        responses = self._bench.measure("Laurels, awards", stack.laurels, 1)
        with stack.laurels(self._bench.postgres.url, PORT, 1):
            self._bench.read("Laurels, rank", RANK, self._bench.settings.participants)
        return responses

    def check(self, responses: int, unfinished: int) -> None:
        awards = self._one("SELECT count(*) FROM journal WHERE kind = 'points_awarded'")
        _check_count("Laurels", responses, unfinished, awards)
        balances = self._one("SELECT sum(balance) FROM account")
        scores = self._one(f"SELECT sum(score) FROM board_standing WHERE window_key = {ALL_TIME_KEY}") - sum(
            self.scores
        )
        if scores != balances:
            raise RuntimeError(f"Laurels: {scores} points on the board, but balances of {balances}")

    def _one(self, query: str) -> Any:
        with psycopg.connect(self._bench.postgres.url) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return row[0]


class Redis:
    def __init__(self, bench: Bench, url: str, scores: list[int]) -> None:
        """Empties the database that the URL names."""
        self._bench, self._url, self._scores = bench, url, scores
        self._client = valkey.Valkey.from_url(url, decode_responses=True)
        self._client.flushdb()
        self._client.zadd("board", {f"user_{number}": score for number, score in enumerate(scores, start=1)})
        info = self._client.info("server")
        name = f"{info.get('server_name', 'redis')} {info.get('valkey_version', info['redis_version'])}"
        durability = [f"{key} {self._client.config_get(key)[key] or 'off'}" for key in REDIS_SETTINGS]
        self.version = ", ".join([name, *durability])

    def turn(self) -> int:
        responses = self._bench.measure("Redis handler, awards", stack.redis_handler, 1, url=self._url)
        with stack.redis_handler(self._url, PORT, 1):
            self._bench.read("Redis handler, rank", RANK, self._bench.settings.participants)
        return responses

    def check(self, responses: int, unfinished: int) -> None:
        _check_count("Redis", responses, unfinished, self._client.dbsize() - len(("board", "wallet")))
        wallets = sum(map(int, self._client.hvals("wallet")))
        scores = sum(score for _, score in self._client.zrange("board", 0, -1, withscores=True)) - sum(self._scores)
        if scores != wallets:
            raise RuntimeError(f"Redis: {scores} points on the board, but {wallets} in wallets")


class Nakama:
    def __init__(self, bench: Bench, peer: nakama.Nakama, version: str) -> None:
        self._bench, self._peer = bench, peer
        self._before = peer.totals()
        self.version = f"Nakama {version}"

    def turn(self) -> int:
        seconds, add = self._bench.settings.seconds, self._bench.findings.add
        self._peer.settle()
        warm_up = self._peer.awards(min(WARM_UP_SECONDS, seconds))
        result = self._peer.awards(seconds)
        add("Nakama, awards /s", result.per_second)
        add("Nakama, awards p50 ms", result.p50_ms)
        add("Nakama, awards p99 ms", result.p99_ms)
        add("Nakama, awards generator CPU us", result.generator_cpu_seconds / result.awards * 1e6)
        self._bench.read_with("Nakama, rank", self._peer.ranks)
        return warm_up.awards + result.awards

    def check(self, responses: int, unfinished: int) -> None:
        """A request that its client aborts may end between the updates of the wallet and of the board."""
        changes = {name: total - self._before[name] for name, total in self._peer.totals().items()}
        _check_count("Nakama", responses, unfinished, changes["entries"])
        lost = changes["wallets"] - changes["scores"]
        if changes["ledger"] != changes["wallets"] or not 0 <= lost <= unfinished * LARGEST_AMOUNT:
            raise RuntimeError(f"Nakama: {changes}")
        print(f"  Nakama: {lost} points are in wallets, but not on the board", flush=True)


def _check_count(contestant: str, responses: int, unfinished: int, stored: int) -> None:
    if not responses <= stored <= responses + unfinished:
        raise RuntimeError(f"{contestant}: {responses} award responses, but {stored} awards stored")
    print(f"  {contestant}: {responses} award responses, {stored} awards stored", flush=True)


def ratios() -> list[Ratio]:
    return [
        ratio
        for peer in ("Redis handler", "Nakama")
        for ratio in (
            Ratio(f"awards with a board ÷ {peer}", "Laurels, awards /s", f"{peer}, awards /s"),
            Ratio(f"rank: p50 ÷ {peer}", "Laurels, rank p50 ms", f"{peer}, rank p50 ms"),
            Ratio(f"ranks per second ÷ {peer}", "Laurels, rank /s", f"{peer}, rank /s"),
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--redis", metavar="URL", help="redis://host:port/database; its contents are deleted")
    parser.add_argument("--nakama", metavar="URL", help="http://host:7350, with nakama_module.lua among its modules")
    parser.add_argument("--nakama-http-key", default="defaulthttpkey")
    parser.add_argument(
        "--nakama-version",
        help="the version and the settings of Nakama, for the results file: Nakama does not report them",
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--participants", type=int, default=100_000)
    arguments = parser.parse_args()
    if arguments.nakama and not arguments.nakama_version:
        parser.error("--nakama needs --nakama-version")
    settings = Settings(arguments.seconds, arguments.rounds, arguments.participants, 0, [])
    with tempfile.TemporaryDirectory(prefix="laurels-peers-") as folder, ExitStack() as running:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        running.callback(postgres.stop)
        bench = Bench(settings, postgres)
        laurels = Laurels(bench)
        contestants: list[Contestant] = [laurels]
        if arguments.redis:
            contestants.append(Redis(bench, arguments.redis, laurels.scores))
        if arguments.nakama:
            peer = running.enter_context(nakama.prepared(arguments.nakama, arguments.nakama_http_key, laurels.scores))
            contestants.append(Nakama(bench, peer, arguments.nakama_version))
        run(bench, contestants)
        computed = record.computed(bench.findings, ratios())
        record.show("peers", bench.findings, computed)
        record.write("peers", bench.findings, computed, settings, "; ".join(each.version for each in contestants))


def run(bench: Bench, contestants: list[Contestant]) -> None:
    """Runs the rounds, in which the contestants take turns, and then the checks."""
    responses = [0] * len(contestants)
    for _ in range(bench.settings.rounds):
        for index, contestant in enumerate(contestants):
            responses[index] += contestant.turn()
    runs_with_awards = 2 * bench.settings.rounds  # the warm-up and the measurement
    for contestant, awards in zip(contestants, responses, strict=True):
        contestant.check(awards, runs_with_awards * load.CONNECTIONS)


if __name__ == "__main__":
    main()
