"""`python -m bench.peers`: awards that feed a leaderboard, and ranks, against Redis and Nakama where they are given."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import valkey

from bench import boards, load, record, stack
from bench.bench import PORT, Bench, Findings, Ratio, Settings
from bench.peers import nakama
from laurels.embedded import EmbeddedPostgres

RANK = "/api/v1/gamify/leaderboards/top_scorers/rank/user_%d"
REDIS_SETTINGS = ("appendonly", "appendfsync", "save")


def laurels(bench: Bench) -> None:
    stack.prepare(bench.postgres.url, bench.settings.participants, with_board=True)
    boards.lay(bench.postgres.url, boards.SPREAD, all_windows=True)
    for _ in range(bench.settings.rounds):
        bench.measure("Laurels, awards", stack.laurels, 1)
    with stack.laurels(bench.postgres.url, PORT, 1):
        _ranks(bench, "Laurels")


def redis(bench: Bench, url: str) -> str:
    """Empties the database that the URL names. Returns the version and what is set about durability."""
    client = valkey.Valkey.from_url(url, decode_responses=True)
    client.flushdb()
    people = range(1, bench.settings.participants + 1)
    client.zadd("board", {f"user_{number}": number for number in people})
    for _ in range(bench.settings.rounds):
        bench.measure("Redis handler, awards", stack.redis_handler, 1, url=url)
    with stack.redis_handler(url, PORT, 1):
        _ranks(bench, "Redis handler")
    known = client.info("server")
    name = f"{known.get('server_name', 'redis')} {known.get('valkey_version', known['redis_version'])}"
    return f"{name}, " + ", ".join(f"{key} {client.config_get(key)[key] or 'off'}" for key in REDIS_SETTINGS)


def _ranks(bench: Bench, who: str) -> None:
    for _ in range(bench.settings.rounds):
        done = load.wrk_reads(PORT, bench.settings.seconds, bench.settings.participants, RANK, 1)
        bench.findings.add(f"{who}, rank p50 ms", done.p50_ms)


def against_nakama(bench: Bench, peer: nakama.Nakama) -> None:
    for _ in range(bench.settings.rounds):
        done = peer.awards(bench.settings.seconds)
        bench.findings.add("Nakama, awards /s", done.per_second)
        bench.findings.add("Nakama, awards p99 ms", done.p99_ms)
        bench.findings.add("Nakama, rank p50 ms", peer.ranks(bench.settings.seconds, 1).p50_ms)


def ratios() -> list[Ratio]:
    return [
        ratio
        for peer in ("Redis handler", "Nakama")
        for ratio in (
            Ratio(f"awards with a board ÷ {peer}", "Laurels, awards /s", f"{peer}, awards /s"),
            Ratio(f"rank: p50 ÷ {peer}", "Laurels, rank p50 ms", f"{peer}, rank p50 ms"),
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
        bench.findings = Findings()
        laurels(bench)
        versions = []
        if given.redis:
            versions.append(redis(bench, given.redis))
        if given.nakama:
            peer = running.enter_context(nakama.prepared(given.nakama, given.nakama_http_key, given.participants))
            against_nakama(bench, peer)
            versions.append(f"Nakama {given.nakama_version}")
        computed = record.computed(bench.findings, ratios())
        record.show("peers", bench.findings, computed)
        record.write("peers", bench.findings, computed, settings, "; ".join(["embedded", *versions]))


if __name__ == "__main__":
    main()
