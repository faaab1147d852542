"""The documentation site's own checks find what is wrong. `make docs` builds the site and runs them."""

from pathlib import Path, PurePosixPath

import pytest

from tools import endpoint_examples, site


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("ROOT", "SOURCE", "SITE"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setattr(site, name, folder)
    return tmp_path


def test_links_lead_to_the_places_of_the_site(folders: Path) -> None:
    (folders / "root" / "docs").mkdir()
    (folders / "root" / "README.md").write_text("[points](docs/points.md#lots) [other](https://example.com)\n")
    (folders / "root" / "docs" / "points.md").write_text(
        "| `a\\|b` | [start](../README.md) |\n\n```sh settings\n[not a link](x.md)\n```\n[gone](gone.md)\n"
    )
    pages = site.Pages()
    pages.add(PurePosixPath("README.md"))
    assert (folders / "source" / "index.md").read_text() == "[points](points.md#lots) [other](https://example.com)\n"
    assert (folders / "source" / "points.md").read_text() == (
        "| `a|b` | [start](index.md) |\n\n```sh\n[not a link](x.md)\n```\n[gone](gone.md)\n"
    )
    assert pages.problems == ["docs/points.md: no file for the link gone.md"]


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="../points/#lots">', None),
        ('<a href="https://example.com/">', None),
        ('<a href="../points/#none">', "no anchor for the link ../points/#none"),
        ('<a href="../tiers/">', "no page for the link ../tiers/"),
        ('<script src="https://example.com/a.js">', "loads https://example.com/a.js"),
        ('<link rel="stylesheet" href="//example.com/a.css">', "loads //example.com/a.css"),
        ("<p>```sh settings</p>", "a code block is shown as text"),
    ],
)
def test_problems_of_a_built_page_are_found(folders: Path, html: str, problem: str | None) -> None:
    for name, text in (("points", '<h2 id="lots">'), ("home", html)):
        (folders / "site" / name).mkdir()
        (folders / "site" / name / "index.html").write_text(text)
    found = [text.removeprefix("home/index.html").lstrip(": ") for text in site.check()]
    assert found == ([] if problem is None else [problem])


def test_every_endpoint_has_a_curl() -> None:
    page = endpoint_examples.render()
    assert page.count("\n### ") == page.count("\ncurl ") > 100
    assert '''curl -s "$U/points/deduct" -H "X-API-Key: $KEY"''' in page
    assert 'curl -s "http://127.0.0.1:8080/healthz"\n' in page
