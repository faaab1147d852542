"""The folders of metrics of several processes, whose owners can be killed."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from laurels.web.protocol.metrics_folder import ABANDONED_SECONDS, MetricsFolder

PREFIX = "laurels-metrics-"
OWNER = f"""
import sys, time
from laurels.web.protocol.metrics_folder import MetricsFolder
folder = MetricsFolder("{PREFIX}")
print(folder.path, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def make_old(folder: Path) -> None:
    at = folder.stat().st_mtime - ABANDONED_SECONDS - 1
    os.utime(folder, (at, at))


def test_the_folder_of_a_killed_process_is_removed_later(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        (folder / "counter_1.db").touch()
        make_old(folder)
        MetricsFolder(PREFIX).remove()
        assert folder.exists(), "its owner lives"
        owner.send_signal(signal.SIGKILL)
    MetricsFolder(PREFIX).remove()
    assert not folder.exists()
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


def test_a_new_folder_and_one_without_owner_stay(tmp_path: Path) -> None:
    without_owner = tmp_path / f"{PREFIX}other"
    without_owner.mkdir()
    make_old(without_owner)
    new = tmp_path / f"{PREFIX}new"
    new.mkdir()
    (new / "owner.lock").touch()
    MetricsFolder(PREFIX).remove()
    assert without_owner.exists()
    assert new.exists()
