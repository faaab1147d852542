"""`make audit` fails closed: where advisories can be had, everything has to be looked up and nothing be vulnerable."""

import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[1] / ".ci" / "audit"
CANARY = {"name": "jinja2", "version": "2.4.1", "vulns": [{"id": "PYSEC-1", "fix_versions": []}]}


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The program, asking services that the test makes up: what each tells of all that it is asked."""
    loader = SourceFileLoader("audit", str(PROGRAM))
    spec = importlib.util.spec_from_loader("audit", loader)
    assert spec is not None
    program = importlib.util.module_from_spec(spec)
    loader.exec_module(program)
    requirements = tmp_path / "constraints.txt"
    requirements.write_text("# pins\none==1\nTwo_parts==2  # why\n")

    def run(**services: list[dict[str, Any]] | None) -> int:
        """None: has no advisories."""

        def look_up(service: str, asked: Path) -> list[dict[str, Any]]:
            told = services.get(service)
            if told is None:
                return []
            return told if asked == requirements else [CANARY]

        monkeypatch.setattr(program, "look_up", look_up)
        found: int = program.main(requirements)
        return found

    monkeypatch.delenv("LAURELS_AUDIT", raising=False)
    return run


def package(name: str, *vulnerabilities: str) -> dict[str, Any]:
    vulns = [{"id": one, "fix_versions": ["9"]} for one in vulnerabilities]
    return {"name": name, "version": "1", "vulns": vulns}


SKIPPED = {"name": "two-parts", "skip_reason": "not found"}


def test_all_looked_up_and_well_passes(audit: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(pypi=[package("one"), package("two-parts")]) == 0
    assert "2 of 2 packages were looked up at pypi" in capsys.readouterr().out


def test_a_vulnerable_one_fails(audit: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(pypi=[package("one", "PYSEC-2"), package("two-parts")]) == 1
    assert "one 1: PYSEC-2, fixed in 9" in capsys.readouterr().out


@pytest.mark.parametrize("told", [[], [package("one")], [package("one"), SKIPPED]])
def test_what_was_not_looked_up_fails(audit: Any, told: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(pypi=told) == 1
    assert "FAILED, these packages were not looked up:" in capsys.readouterr().out


def test_another_service_may_know_it(audit: Any) -> None:
    assert audit(pypi=[package("one"), SKIPPED], osv=[package("one"), package("two-parts")]) == 0
    assert audit(pypi=[package("one"), SKIPPED], osv=[package("one"), package("two-parts", "OSV-1")]) == 1


def test_where_none_can_be_reached_it_says_so(
    audit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit() == 0
    assert "NOTHING WAS AUDITED" in capsys.readouterr().out
    monkeypatch.setenv("LAURELS_AUDIT", "required")
    assert audit() == 1
