"""`python -m bench.cluster`: measures awards on an existing Citus cluster, against one PostgreSQL.

python -m bench.cluster --plain URL --citus COORDINATOR,WORKER --citus COORDINATOR,WORKER,WORKER

The URLs are those of servers on this machine, with a superuser. Each contestant gets a new database on its servers,
which is dropped at the end.
"""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench import load, record, stack
from bench.bench import PORT, Findings, Ratio, Settings
from bench.processes import usage


class Crowd(NamedTuple):
    """A load: the client connections, the awards per request, and the connections over which the server writes."""

    name: str
    connections: int
    batch: int
    writers: int


CROWDS = (
    Crowd("64 at once", 64, 1, 3),
    Crowd("512 at once", 512, 1, 3),
    Crowd("512 at once, 8 writers", 512, 1, 8),
    Crowd("batches of 100", load.BATCH_CONNECTIONS, 100, 3),
)
"""More connections make larger batches in each lane: with 64 one or two commands, with 512 about eight."""


class Contestant:
    """One PostgreSQL, or a coordinator and its workers, with a new database."""

    def __init__(self, servers: Sequence[str], participants: int) -> None:
        self.on_citus = len(servers) > 1
        self.name = f"Citus of {len(servers) - 1}" if self.on_citus else "PostgreSQL"
        self._servers = servers
        self._database = f"laurels_bench_{len(servers) - 1}"
        self._urls = [urlunsplit(urlsplit(server)._replace(path=f"/{self._database}")) for server in servers]
        self._postmasters = [_postmaster(server) for server in servers]
        self.close()
        for server in servers:
            _run(server, f"CREATE DATABASE {self._database}")
        if self.on_citus:
            self._form_cluster()
        stack.prepare(self._urls[0], participants, on_citus=self.on_citus)

    def _form_cluster(self) -> None:
        for url in self._urls:
            _run(url, "CREATE EXTENSION citus")
        coordinator, *workers = map(urlsplit, self._urls)
        _run(self._urls[0], f"SELECT citus_set_coordinator_host('{coordinator.hostname}', {coordinator.port or 5432})")
        for worker in workers:
            _run(self._urls[0], f"SELECT citus_add_node('{worker.hostname}', {worker.port or 5432})")

    def measure(self, findings: Findings, settings: Settings, crowd: Crowd) -> None:
        for url in self._urls:
            stack.settle_database(url)
        name = f"{self.name}, {crowd.name}"
        server_settings = {"citus": str(int(self.on_citus)), "writer_connections": str(crowd.writers)}
        path = "/api/v1/gamify/points/award-batch" if crowd.batch > 1 else ""
        with stack.laurels(self._urls[0], PORT, 1, **server_settings) as pid:

            def send(seconds: float) -> load.Load:
                return load.wrk(
                    PORT,
                    seconds,
                    settings.participants,
                    path=path,
                    batch=crowd.batch,
                    connections=crowd.connections,
                )

            send(min(2, settings.seconds))
            before, before_postgres = usage(pid).cpu_seconds, self._cpu_seconds()
            result = send(settings.seconds)
            after, after_postgres = usage(pid).cpu_seconds, self._cpu_seconds()
        findings.add(f"{name} /s", result.per_second)
        findings.add(f"{name} p50 ms", result.p50_ms)
        findings.add(f"{name} p99 ms", result.p99_ms)
        findings.add(f"{name} server CPU us", (after - before) / result.awards * 1e6)
        findings.add(f"{name} PostgreSQL CPU us", (after_postgres - before_postgres) / result.awards * 1e6)

    def _cpu_seconds(self) -> float:
        return sum(usage(pid).cpu_seconds for pid in self._postmasters)

    def close(self) -> None:
        for server in self._servers:
            _run(server, f"DROP DATABASE IF EXISTS {self._database} WITH (FORCE)")


def _run(url: str, statement: str) -> str:
    """Runs a statement. Returns the first value of its result as text."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else ""


def _postmaster(server: str) -> int:
    return int(_run(server, "SELECT pg_read_file('postmaster.pid')").split()[0])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("--plain", required=True, metavar="URL")
    parser.add_argument("--citus", action="append", required=True, metavar="COORDINATOR,WORKER…")
    parser.add_argument("--seconds", type=float, default=10, help="duration of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--participants", type=int, default=100_000)
    arguments = parser.parse_args()
    settings = Settings(arguments.seconds, arguments.rounds, arguments.participants, journal_rows=0, only=["cluster"])
    findings = Findings()
    with ExitStack() as cleanup:
        contestants = []
        for servers in (arguments.plain, *arguments.citus):
            contestants.append(Contestant(servers.split(","), settings.participants))
            cleanup.callback(contestants[-1].close)
        for number in range(settings.rounds):
            print(f" round {number + 1}", flush=True)
            for crowd in CROWDS:
                for contestant in contestants:
                    contestant.measure(findings, settings, crowd)
        versions = f"{_run(arguments.plain, 'SHOW server_version')}, {_citus_version(arguments.citus[0])}"
    ratios = record.computed(findings, _ratios([contestant.name for contestant in contestants[1:]]))
    record.show("cluster", findings, ratios)
    record.write("cluster", findings, ratios, settings, versions)


def _citus_version(servers: str) -> str:
    available = "SELECT default_version FROM pg_available_extensions WHERE name = 'citus'"
    return f"Citus {_run(servers.partition(',')[0], available)}"


def _ratios(names: Sequence[str]) -> list[Ratio]:
    return [
        Ratio(f"{name} ÷ PostgreSQL, {crowd.name}", f"{name}, {crowd.name} /s", f"PostgreSQL, {crowd.name} /s")
        for crowd in CROWDS
        for name in names
    ]


if __name__ == "__main__":
    main()
