"""`python -m bench.peers`: awards that feed a leaderboard, and ranks, against Redis and Nakama where they are given."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import psycopg
import valkey

from bench import boards, load, record, stack
from bench.bench import PORT, Bench, Ratio, Settings
from bench.peers import nakama
from laurels.embedded import EmbeddedPostgres
from laurels.mechanics.leaderboards.rules import ALL_TIME_KEY

RANK = "/api/v1/gamify/leaderboards/top_scorers/rank/user_%d"
REDIS_SETTINGS = ("appendonly", "appendfsync", "save")
LARGEST_AMOUNT = 100
WARM_UP_SECONDS = 2


class Contestant(Protocol):
    version: str

    def turn(self) -> int:
        """A round of awards and of ranks. Gives how many awards were answered, those of the warm-up included."""

    def check(self, answered: int, under_way: int) -> None:
        """Raises RuntimeError unless what is stored shows the awards that were answered, and of those that were under
        way when a run ended none or more."""


class Laurels:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        stack.prepare(bench.postgres.url, bench.settings.participants, with_board=True)
        self.scores = boards.lay(bench.postgres.url, boards.SPREAD, all_windows=True)
        self.version = f"embedded PostgreSQL {self._one('SHOW server_version')}"

    def turn(self) -> int:
        answered = self._bench.measure("Laurels, awards", stack.laurels, 1)
        with stack.laurels(self._bench.postgres.url, PORT, 1):
            self._bench.read("Laurels, rank", RANK, self._bench.settings.participants)
        return answered

    def check(self, answered: int, under_way: int) -> None:
        awards = self._one("SELECT count(*) FROM journal WHERE kind = 'points_awarded'")
        _check_count("Laurels", answered, under_way, awards)
        balances = self._one("SELECT sum(balance) FROM account")
        scores = self._one(f"SELECT sum(score) FROM standing WHERE window_key = {ALL_TIME_KEY}") - sum(self.scores)
        if scores != balances:
            raise RuntimeError(f"Laurels: {scores} points on the board, but balances of {balances}")

    def _one(self, query: str) -> Any:
        with psycopg.connect(self._bench.postgres.url) as connection:
            found = connection.execute(query).fetchone()  # type: ignore[arg-type]
        assert found is not None
        return found[0]


class Redis:
    def __init__(self, bench: Bench, url: str, scores: list[int]) -> None:
        """Empties the database that the URL names."""
        self._bench, self._url, self._scores = bench, url, scores
        self._client = valkey.Valkey.from_url(url, decode_responses=True)
        self._client.flushdb()
        self._client.zadd("board", {f"user_{number}": score for number, score in enumerate(scores, start=1)})
        known = self._client.info("server")
        name = f"{known.get('server_name', 'redis')} {known.get('valkey_version', known['redis_version'])}"
        durability = [f"{key} {self._client.config_get(key)[key] or 'off'}" for key in REDIS_SETTINGS]
        self.version = ", ".join([name, *durability])

    def turn(self) -> int:
        answered = self._bench.measure("Redis handler, awards", stack.redis_handler, 1, url=self._url)
        with stack.redis_handler(self._url, PORT, 1):
            self._bench.read("Redis handler, rank", RANK, self._bench.settings.participants)
        return answered

    def check(self, answered: int, under_way: int) -> None:
        _check_count("Redis", answered, under_way, self._client.dbsize() - len(("board", "wallet")))
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
        done = self._peer.awards(seconds)
        add("Nakama, awards /s", done.per_second)
        add("Nakama, awards p50 ms", done.p50_ms)
        add("Nakama, awards p99 ms", done.p99_ms)
        add("Nakama, awards generator CPU us", done.generator_cpu_seconds / done.awards * 1e6)
        self._bench.read_with("Nakama, rank", self._peer.ranks)
        return warm_up.awards + done.awards

    def check(self, answered: int, under_way: int) -> None:
        """A request that its client leaves may end between the wallet and the board."""
        found = {name: total - self._before[name] for name, total in self._peer.totals().items()}
        _check_count("Nakama", answered, under_way, found["entries"])
        lost = found["wallets"] - found["scores"]
        if found["ledger"] != found["wallets"] or not 0 <= lost <= under_way * LARGEST_AMOUNT:
            raise RuntimeError(f"Nakama: {found}")
        print(f"  Nakama: {lost} points are in wallets, but not on the board", flush=True)


def _check_count(who: str, answered: int, under_way: int, stored: int) -> None:
    if not answered <= stored <= answered + under_way:
        raise RuntimeError(f"{who}: {answered} awards answered, but {stored} stored")
    print(f"  {who}: {answered} awards answered, {stored} stored", flush=True)


def ratios() -> list[Ratio]:
    return [
        ratio
        for peer in ("Redis handler", "Nakama")
        for ratio in (
            Ratio(f"awards with a board ÷ {peer}", "Laurels, awards /s", f"{peer}, awards /s"),
            Ratio(f"rank: p50 ÷ {peer}", "Laurels, rank p50 ms", f"{peer}, rank p50 ms"),
            Ratio(f"ranks a second ÷ {peer}", "Laurels, rank /s", f"{peer}, rank /s"),
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--redis", metavar="URL", help="redis://host:port/database; what is in it is lost")
    parser.add_argument("--nakama", metavar="URL", help="http://host:7350, with nakama_module.lua among its modules")
    parser.add_argument("--nakama-http-key", default="defaulthttpkey")
    parser.add_argument("--nakama-version", help="and its settings, to be recorded: Nakama does not tell")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--participants", type=int, default=100_000)
    given = parser.parse_args()
    if given.nakama and not given.nakama_version:
        parser.error("--nakama needs --nakama-version")
    settings = Settings(given.seconds, given.rounds, given.participants, 0, [])
    with tempfile.TemporaryDirectory(prefix="laurels-peers-") as folder, ExitStack() as running:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        running.callback(postgres.stop)
        bench = Bench(settings, postgres)
        laurels = Laurels(bench)
        contestants: list[Contestant] = [laurels]
        if given.redis:
            contestants.append(Redis(bench, given.redis, laurels.scores))
        if given.nakama:
            peer = running.enter_context(nakama.prepared(given.nakama, given.nakama_http_key, laurels.scores))
            contestants.append(Nakama(bench, peer, given.nakama_version))
        run(bench, contestants)
        computed = record.computed(bench.findings, ratios())
        record.show("peers", bench.findings, computed)
        record.write("peers", bench.findings, computed, settings, "; ".join(each.version for each in contestants))


def run(bench: Bench, contestants: list[Contestant]) -> None:
    """They take turns, round by round."""
    answered = [0] * len(contestants)
    for _ in range(bench.settings.rounds):
        for place, contestant in enumerate(contestants):
            answered[place] += contestant.turn()
    runs_with_awards = 2 * bench.settings.rounds  # the warm-up and what is measured
    for contestant, awards in zip(contestants, answered, strict=True):
        contestant.check(awards, runs_with_awards * load.CONNECTIONS)


if __name__ == "__main__":
    main()
