"""Back-up and point-in-time restore of the embedded PostgreSQL, by the commands that an operator types."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.processes import laurels
from tests.support import Server
from tests.test_serve import wait_for


def balance(server: Server) -> int:
    with server.client() as api:
        found: int = api.get("/participants/ada/points").json()["balance"]
        return found


def award(api: httpx.Client, amount: int) -> None:
    assert api.post("/points/award", json={"participant_id": "ada", "amount": amount}).status_code == 200


def run(*arguments: str) -> str:
    done = laurels(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, datetime]:
    """A served database with 1 point before its backup, 10 after it and 100 after the moment that is given, after which
    bob is erased; then its machine stops. Gives the data folder, the backup folder and the moment."""
    folder = tmp_path_factory.mktemp("story")
    data, backups = folder / "data", folder / "back ups' 100%"
    places = ("--data-dir", str(data), "--backup-dir", str(backups))
    with Server(arguments=places) as server, server.client() as api:
        award(api, 1)
        assert api.post("/points/award", json={"participant_id": "bob", "amount": 5}).status_code == 200
        assert str(backups / "base") in run("backup", "--data-dir", str(data))
        award(api, 10)
        moment = datetime.now(UTC)
        award(api, 100)
        assert balance(server) == 111
        assert api.delete("/admin/participants/bob").status_code == 200
    return data, backups, moment


def test_a_moment_is_restored(story: tuple[Path, Path, datetime], tmp_path: Path) -> None:
    _, backups, moment = story
    restored = tmp_path / "restored"
    places = ("--backup-dir", str(backups), "--data-dir", str(restored))
    told = run("restore", *places, "--to", moment.isoformat())
    last = re.search(r"up to (\S+)Z", told)
    assert last is not None, told
    assert datetime.fromisoformat(last[1]).replace(tzinfo=UTC) < moment
    run("check", "--rebuild", "--data-dir", str(restored))
    # Who was erased since is there again, until the file beside the backups is applied.
    file = backups / "erasures.jsonl"
    assert f"`laurels erasures apply {file} --data-dir {restored}`" in told
    assert "erased again: 1." in run("erasures", "apply", str(file), "--data-dir", str(restored))
    # Restored, it archives nothing of its own accord, and it is a database like any other.
    assert not (restored / "backup-dir").exists()
    with Server(arguments=("--data-dir", str(restored))) as server, server.client() as api:
        assert balance(server) == 11
        assert api.get("/participants/bob").status_code == 404


@pytest.mark.all_cases
def test_without_a_moment_all_is_restored_and_can_be_archived_on(
    story: tuple[Path, Path, datetime], tmp_path: Path
) -> None:
    _, backups, _ = story
    restored, again = tmp_path / "restored", tmp_path / "again"
    run("restore", "--backup-dir", str(backups), "--data-dir", str(restored))
    known = len(list((backups / "base").glob("*Z")))
    places = ("--data-dir", str(restored), "--backup-dir", str(backups))
    with Server(arguments=places) as server, server.client() as api:
        assert balance(server) == 111
        award(api, 1000)
        # A restored database does not follow the log archived before: it begins with a backup of its own.
        wait_for(lambda: len(list((backups / "base").glob("*Z"))) > known)
    run("restore", "--backup-dir", str(backups), "--data-dir", str(again))
    with Server(arguments=("--data-dir", str(again))) as server:
        assert balance(server) == 1111


@pytest.mark.all_cases
def test_a_backup_is_restored_while_its_server_runs(tmp_path: Path) -> None:
    """The backup has the lock of that server's socket in it."""
    data, backups, restored = tmp_path / "data", tmp_path / "backups", tmp_path / "restored"
    with Server(arguments=("--data-dir", str(data))) as server, server.client() as api:
        award(api, 7)
        run("backup", "--data-dir", str(data), "--backup-dir", str(backups))
        assert list((backups / "base").glob("*/.s.PGSQL.*.lock")), "else this shows nothing"
        run("restore", "--backup-dir", str(backups), "--data-dir", str(restored))
        with Server(arguments=("--data-dir", str(restored))) as second:
            assert balance(second) == 7
        assert balance(server) == 7


@pytest.mark.all_cases
def test_commands_archive_too(tmp_path: Path) -> None:
    """What a command writes while no server runs is in the log as well."""
    data, backups, restored = tmp_path / "data", tmp_path / "backups", tmp_path / "restored"
    with Server(arguments=("--data-dir", str(data), "--backup-dir", str(backups))):
        wait_for(lambda: list((backups / "base").glob("*Z")) != [])
    key = run("keys", "create", "--data-dir", str(data)).strip()
    run("restore", "--backup-dir", str(backups), "--data-dir", str(restored))
    assert key[:10] in run("keys", "list", "--data-dir", str(restored))


@pytest.mark.all_cases
def test_only_so_many_are_kept(tmp_path: Path) -> None:
    data, backups, restored = tmp_path / "data", tmp_path / "backups", tmp_path / "restored"
    with Server(arguments=("--data-dir", str(data), "--backup-dir", str(backups))) as server, server.client() as api:
        for _ in range(2):
            award(api, 1)
            run("backup", "--data-dir", str(data))
        before = set((backups / "wal").glob("*.gz"))
        award(api, 1)
        run("backup", "--data-dir", str(data), "--keep", "1")
    assert len(list((backups / "base").glob("*Z"))) == 1
    assert before - set((backups / "wal").glob("*.gz"))
    run("restore", "--backup-dir", str(backups), "--data-dir", str(restored))
    with Server(arguments=("--data-dir", str(restored))) as server:
        assert balance(server) == 3


def test_what_cannot_be_restored_is_said_in_a_sentence(story: tuple[Path, Path, datetime], tmp_path: Path) -> None:
    data, backups, _ = story
    new = str(tmp_path / "new")
    for arguments, sentence in (
        (("--backup-dir", str(backups), "--data-dir", str(data)), "already exists"),
        (("--backup-dir", str(backups), "--data-dir", new, "--to", "2001-01-01"), "has no backup from before"),
        (("--backup-dir", str(tmp_path), "--data-dir", new), "the folder has no backups"),
        (("--backup-dir", str(backups), "--data-dir", new, "--to", "noon"), "is not a time"),
        (("--backup-dir", str(backups), "--data-dir", new, "--to", "2999-01-01"), "(the last one was at 20"),
    ):
        refused = laurels("restore", *arguments)
        assert refused.returncode == 1
        assert sentence in refused.stderr
        assert refused.stderr.partition("laurels: ")[2].count("\n") == 1
        assert not (Path(new) / "postgres").exists()


def test_what_cannot_be_backed_up_is_said_in_a_sentence(tmp_path: Path) -> None:
    refused = laurels("backup", "--backup-dir", str(tmp_path), "--database-url", "postgresql://elsewhere/laurels")
    assert refused.returncode == 1
    assert "docs/operations.md" in refused.stderr
    (tmp_path / "data" / "postgres").mkdir(parents=True)
    refused = laurels("backup", "--data-dir", str(tmp_path / "data"))
    assert refused.returncode == 1
    assert "--backup-dir" in refused.stderr


@pytest.mark.all_cases
def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    data, backups = tmp_path / "data", tmp_path / "backups"
    run("migrate", "--data-dir", str(data))
    run("backup", "--data-dir", str(data), "--backup-dir", str(backups))
    (damaged,) = (backups / "base").glob("*/PG_VERSION")
    damaged.write_text("19\n")
    refused = laurels("restore", "--backup-dir", str(backups), "--data-dir", str(tmp_path / "new"))
    assert refused.returncode == 1
    assert "is damaged: PG_VERSION" in refused.stderr
    assert not (tmp_path / "new").exists()
