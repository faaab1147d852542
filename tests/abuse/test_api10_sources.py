"""API10:2023 Unsafe consumption of APIs: Laurels calls none. What it reads instead is files and uploads of others."""

import csv
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from laurels.app import TABLES
from laurels.cli.import_progress import Display, RejectionsFile
from laurels.config import definitions_file
from laurels.config.definitions_file import DefinitionsFileError
from laurels.config.importing.importer import Summary
from laurels.config.importing.lines import RejectedLine
from laurels.mechanics.rewards.code_lists import LONGEST_LINE_BYTES
from tests.abuse.conftest import World
from tests.abuse.requests import DOCUMENT
from tests.checks import assert_refused, query

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", '=HYPERLINK("http://evil.example")']


def test_only_exports_are_csv() -> None:
    """A spreadsheet opens and calculates it. Tests of these exports try formulas."""
    kinds = {
        (operation["operationId"], kind)
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for kind in response["content"]
    }
    spreadsheets = {name for name, kind in kinds if "csv" in kind or "excel" in kind or "sheet" in kind}
    assert spreadsheets == {"daily_statistics_csv", "transactions_csv"}


@pytest.mark.parametrize("formula", [*FORMULAS, "\x1b[2J\x1b]0;title\x07", "a\rb"])
def test_rejections_of_an_import_are_neither_formulas_nor_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], formula: str
) -> None:
    imported = tmp_path / "imported.csv"
    imported.touch()
    display = Display(lambda *_: None, RejectionsFile(tmp_path / "rejections.csv", imported))
    display.rejected(RejectedLine(1, f"{formula} is not a field of this request.", formula.encode()))
    display.report(Summary(rejected=1), 1.0)
    with (tmp_path / "rejections.csv").open(newline="") as file:
        _, reason, content = list(csv.reader(file))[1]
    for cell in (reason, content):
        assert not cell.startswith(("=", "+", "-", "@"))
    assert content.endswith(formula)
    for text in (reason, capsys.readouterr().out.replace("\n", "")):
        assert text.isprintable()


@pytest.fixture
def reward(world: World) -> str:
    code = f"r{uuid4().hex}"
    body = {"code": code, "name": "Codes", "type": "voucher", "points_cost": 0, "has_codes": True}
    world.api.post("/admin/rewards", json=body).raise_for_status()
    return code


def upload(world: World, reward: str, content: bytes) -> httpx.Response:
    return world.api.post(f"/admin/rewards/{reward}/codes", content=content, headers={"Content-Type": "text/csv"})


def test_an_upload_of_formulas_is_only_texts(world: World, reward: str) -> None:
    content = "".join('"' + formula.replace('"', '""') + '"\n' for formula in FORMULAS)
    assert upload(world, reward, content.encode()).json()["added"] == len(FORMULAS)
    claimed = world.api.post(f"/rewards/{reward}/claim", json={"participant_id": "formula"})
    assert claimed.headers["content-type"] == "application/json"
    assert claimed.json()["code_value"] in FORMULAS


BAD_UPLOADS = {
    "a line without an end": b"a" * (LONGEST_LINE_BYTES + 1),
    "a quote without an end": b'"abc\ndef\n',
    "NUL": b"abc\0\n",
    "control characters": b"abc\x1b[31m\n",
    "no UTF-8": b"\xff\xfe\n",
    "nothing": b"",
    "only lines": b"\n\n\n",
}


@pytest.mark.parametrize("content", BAD_UPLOADS.values(), ids=list(BAD_UPLOADS))
def test_bad_uploads_add_nothing(world: World, reward: str, content: bytes) -> None:
    count = "SELECT count(*) FROM reward_code"
    before = query(world.database_url, count)
    assert_refused(upload(world, reward, content), 422)
    assert query(world.database_url, count) == before


BAD_FILES = {
    "objects": b"tiers: !!python/object/apply:os.system ['touch /tmp/made']\n",
    "aliases that grow": b"a: &a [x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 8)) for n in range(12)),
    "depth": b"[" * 100_000,
    "merge keys": b"base: &b {code: x}\ntiers: [{<<: *b}]\n",
    "no UTF-8": b"tiers: [\xff]\n",
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=list(BAD_FILES))
def test_bad_definitions_files(content: bytes) -> None:
    with pytest.raises(DefinitionsFileError):
        definitions_file.load(TABLES.kinds, content)
