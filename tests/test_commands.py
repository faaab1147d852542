"""What the commands have in common: help, the version, and that every failure is one sentence."""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import typer
from alembic.config import Config
from alembic.script import ScriptDirectory

from laurels import __version__, logs
from laurels.cli import failures
from laurels.cli import main as cli
from laurels.storage.postgres import revisions
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.processes import laurels
from tests.support import Databases

COMMANDS = (
    ["check"],
    ["migrate"],
    ["keys", "list"],
    ["keys", "create"],
    ["projects", "list"],
    ["export"],
    ["erasures", "forget", "--before", "2026-01-01"],
    ["plan", __file__],
    ["apply", __file__],
    ["simulate", "--definitions", __file__],
    ["import", __file__, "--amount", "points", "--format", "csv"],
)


@pytest.fixture(scope="module")
def foreign(databases: Databases) -> str:
    """A database whose revision a test may change."""
    return databases.create(TEMPLATE)


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """The one sentence of a command that fails, run in this process."""
    monkeypatch.setattr(logs, "configure", lambda: None)
    monkeypatch.setattr(sys, "argv", ["laurels", *command])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("laurels: ")
    return line.removeprefix("laurels: ")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("wrong", ["database", "host", "option"])
def test_a_wrong_address_is_one_sentence(
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    wrong: str,
) -> None:
    url = {
        "database": urlunsplit(urlsplit(databases.create(TEMPLATE))._replace(path="/nowhere")),
        "host": "postgresql://laurels@no-such-host.invalid/laurels",
        "option": "postgresql://laurels@127.0.0.1/laurels?sslmode=perhaps",
    }[wrong]
    told = refused(monkeypatch, capsys, *command, "--database-url", url)
    assert re.match("The database (cannot be reached|refused the connection or a statement): ", told)
    assert {"database": "nowhere", "host": "", "option": "sslmode"}[wrong] in told


def test_whom_the_database_does_not_let_in_is_told_so() -> None:
    """tests/test_operations.py has a server that asks for passwords."""
    for refusal in (
        asyncpg.InvalidPasswordError('password authentication failed for user "laurels"'),
        asyncpg.InsufficientPrivilegeError("permission denied for table account"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    ):
        assert failures.sentence(refusal) == f"The database refused the connection or a statement: {refusal}"
    assert failures.sentence(asyncpg.PostgresSyntaxError("syntax error")) is None


def test_a_role_that_may_not_make_tables_is_one_sentence(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = databases.create()
    query(url, "CREATE ROLE laurels_test_guest LOGIN")
    try:
        guest = urlunsplit(urlsplit(url)._replace(netloc="laurels_test_guest@"))
        told = refused(monkeypatch, capsys, "migrate", "--database-url", guest)
    finally:
        query(url, "DROP ROLE laurels_test_guest")
    assert told == (
        "The schema cannot be created (permission denied for schema public): make the role the owner of its database."
    )


def test_the_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    config.set_main_option("recursive_version_locations", "true")
    scripts = ScriptDirectory.from_config(config)
    assert revisions.newest() == scripts.get_current_head()
    assert revisions.all_revisions() == sorted(script.revision for script in scripts.walk_revisions())


@pytest.mark.parametrize("revision", ["0000", "abc123"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_revision_that_nobody_knows_is_refused(
    foreign: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    revision: str,
) -> None:
    query(foreign, "UPDATE alembic_version SET version_num = %s", revision)
    told = refused(monkeypatch, capsys, *command, "--database-url", foreign)
    assert f"names the unknown revision '{revision}'" in told
    assert query(foreign, "SELECT version_num FROM alembic_version") == [(revision,)]


@pytest.mark.parametrize("command", [each for each in COMMANDS if each != ["migrate"]], ids=" ".join)
def test_an_older_schema_is_refused(
    foreign: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    query(foreign, "UPDATE alembic_version SET version_num = %s", revisions.all_revisions()[-2])
    told = refused(monkeypatch, capsys, *command, "--database-url", foreign)
    assert told.startswith("The database's schema is older than this version of Laurels")
    assert told.endswith("Run `laurels migrate` first.")


def test_a_newer_schema_is_told_and_left(databases: Databases) -> None:
    url = databases.create(TEMPLATE)
    query(url, "UPDATE alembic_version SET version_num = '9999'")
    done = laurels("migrate", "--database-url", url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "The schema is at revision 9999.",
        "This is the schema of a newer version of Laurels. "
        f"This version needs {revisions.newest()}; nothing was changed.",
    ]


@pytest.mark.parametrize("command", [*COMMANDS[2:], ["backup"], ["check"]], ids=" ".join)
def test_an_empty_folder_does_not_become_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    told = refused(monkeypatch, capsys, *command, "--data-dir", str(tmp_path))
    assert told.startswith(f"There is no database in {tmp_path}; choose another folder with --data-dir")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [["no-such-file.yaml"], ["--no-such-option", __file__], []])
def test_a_plan_that_fails_is_none_with_changes(wrong: list[str]) -> None:
    """2 says that there is something to change."""
    done = laurels("plan", "--exit-code", *wrong)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    done = laurels("--version", LAURELS_VERSION="7.7.7")
    assert (done.returncode, done.stdout) == (0, f"laurels {__version__}\n")


def commands(command: Any, path: tuple[str, ...] = ("laurels",)) -> list[tuple[tuple[str, ...], Any]]:
    """All commands and groups of commands, each with the words that call it."""
    inner = getattr(command, "commands", {})
    return [(path, command), *(each for name, one in inner.items() for each in commands(one, (*path, name)))]


ALL_COMMANDS = commands(typer.main.get_command(cli.application))


@pytest.mark.parametrize(("path", "command"), ALL_COMMANDS, ids=[" ".join(path) for path, _ in ALL_COMMANDS])
def test_every_command_has_one_line_and_an_example(path: tuple[str, ...], command: Any) -> None:
    summary = command.help.split("\n\n")[0]
    assert re.fullmatch(r"[A-Z][^\n.]{10,76}\.", summary) or summary == "Laurels: a self-hosted gamification server."
    assert "..." not in command.get_short_help_str(70)
    words = shlex.split(command.epilog.rpartition("\n")[2].partition(" > ")[0])
    assert tuple(words[: len(path)]) == path
    called = next(each for words_of, each in reversed(ALL_COMMANDS) if words_of == tuple(words[: len(words_of)]))
    assert not hasattr(called, "commands"), "the example runs a command"
    values, _, _ = called.make_parser(called.context_class(called)).parse_args(words[len(path_of(called)) :])
    assert {parameter.name for parameter in called.params if parameter.required} <= values.keys()


def path_of(command: Any) -> tuple[str, ...]:
    return next(path for path, each in ALL_COMMANDS if each is command)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("laurels pro", "projects"), ("laurels keys ro", "rotate"), ("laurels plan --ex", "--exit")],
)
def test_shells_complete_commands_and_options(typed: str, completed: str) -> None:
    environment = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_LAURELS_COMPLETE": "complete_bash"}
    assert laurels(**environment).stdout.startswith(completed)


def test_help_waits_for_no_large_library() -> None:
    """It has to be there at once."""
    program = "import sys; from laurels.cli import main; print(sorted(sys.modules)); main.main()"
    done = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(done.stdout.splitlines()[0]))
    assert "typer" in loaded
    assert loaded.isdisjoint({"sqlalchemy", "alembic", "asyncpg", "psycopg", "asyncio", "uvicorn", "rich", "msgspec"})
    for command in ("serve", "check", "keys"):
        assert f"\n  {command} " in done.stdout
