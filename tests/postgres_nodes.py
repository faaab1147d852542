"""PostgreSQL servers of the wheel that tests stop, copy and promote: listening on TCP, trusting everybody."""

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from laurels.embedded import EmbeddedPostgres
from laurels.embedded.account import Account
from tests.support import free_port


class Node:
    def __init__(self, folder: Path) -> None:
        embedded = EmbeddedPostgres(folder)
        self.bin_dir = embedded.bin_dir
        self._folder = folder
        # PostgreSQL does not run as root.
        self._account = Account.for_folder(folder)
        self._account.let_through(folder)
        self._account.let_through(self.bin_dir)
        for part in (self.bin_dir.parent, self.bin_dir.parents[1].with_name(f"{self.bin_dir.parents[1].name}.libs")):
            self._account.let_read(part)
        self._account.give(folder)
        self.data = folder / "data"
        self.port = free_port()

    @classmethod
    def new(cls, folder: Path) -> "Node":
        node = cls(folder)
        node.run(
            "initdb", "-D", str(node.data), "-U", "postgres", "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8"
        )
        return node

    @classmethod
    def standby_of(cls, primary: "Node", folder: Path) -> "Node":
        node = cls(folder)
        source = f"host=127.0.0.1 port={primary.port} user=postgres"
        node.run("pg_basebackup", "-R", "-D", str(node.data), "-d", source, "-X", "stream", "-c", "fast", "--no-sync")
        return node

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> "Node":
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self.run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")
        return self

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def promote(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "promote")

    def query(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(f"postgresql://postgres@{self.host}/{database}", autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def run(self, program: str, *arguments: str) -> None:
        # Into a file: a PostgreSQL that is started here would hold a pipe open.
        output = self._folder / "output"
        with output.open("w") as file:
            done = subprocess.run(
                [str(self.bin_dir / program), *arguments],
                env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                timeout=120,
                check=False,
                **self._account.process_arguments,
            )
        assert done.returncode == 0, (program, output.read_text())
