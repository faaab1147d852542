"""Builds the documentation site: `make docs`.

The pages are the Markdown files of the repository. Before the build their links are rewritten to the paths of the site.
After the build a Markdown copy of each page and `llms.txt` are added, and all links are checked: the build fails on a
link or anchor without a target, and on anything that a browser would load from another host.
"""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import yaml

from tools import endpoint_examples

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "build" / "site-source"
SITE = ROOT / "build" / "site"

_LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)(\))")
_CODE = re.compile(r"`[^`\n]+`")
_FENCE = re.compile(r"^```.*?^```[^\S\n]*$", re.MULTILINE | re.DOTALL)
_NAME_OF_FENCE = re.compile(r"^(```\w+) \w+$", re.MULTILINE)
_ROOT_PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def source_path(path: PurePosixPath) -> PurePosixPath:
    """The path in the site's source of a file of the repository."""
    if str(path) in _ROOT_PAGES:
        return PurePosixPath("index.md" if str(path) == "README.md" else str(path).lower())
    return path.relative_to("docs") if path.is_relative_to("docs") else path


class Pages:
    """Copies pages, and the files that they link to, into the site's source."""

    def __init__(self) -> None:
        self._copied: set[PurePosixPath] = set()
        self.problems: list[str] = []

    def add(self, path: PurePosixPath) -> None:
        if path in self._copied:
            return
        self._copied.add(path)
        target = SOURCE / source_path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            target.write_text(self._with_site_links((ROOT / path).read_text(), path))
        else:
            shutil.copy(ROOT / path, target)

    def _with_site_links(self, text: str, page: PurePosixPath) -> str:
        parts, end = [], 0
        for fence in _FENCE.finditer(text):
            # The second word of a block names it for the tests. The site's Markdown does not support it.
            parts += [self._rewrite(text[end : fence.start()], page), _NAME_OF_FENCE.sub(r"\1", fence[0])]
            end = fence.end()
        return "".join([*parts, self._rewrite(text[end:], page)])

    def _rewrite(self, text: str, page: PurePosixPath) -> str:
        # GitHub needs `a\|b` in tables; the site's Markdown would show the backslash.
        text = _CODE.sub(lambda code: code[0].replace("\\|", "|"), text)
        return _LINK.sub(lambda link: link[1] + self._target(link[2], page) + link[3], text)

    def _target(self, link: str, page: PurePosixPath) -> str:
        address = urlsplit(link)
        if address.scheme or not address.path:
            return link
        path = PurePosixPath(os.path.normpath(page.parent / address.path))
        if (ROOT / path).is_dir():
            path = self._page_of_folder(path)
        if not (ROOT / path).is_file():
            self.problems.append(f"{page}: no file for the link {link}")
            return link
        self.add(path)
        relative = os.path.relpath(source_path(path), source_path(page).parent)
        return relative + (f"#{address.fragment}" if address.fragment else "")

    def _page_of_folder(self, folder: PurePosixPath) -> PurePosixPath:
        """The README of the folder, or else of the nearest folder above it."""
        return next(parent / "README.md" for parent in (folder, *folder.parents) if self._has_readme(parent))

    @staticmethod
    def _has_readme(folder: PurePosixPath) -> bool:
        return (ROOT / folder / "README.md").is_file()


def prepare() -> list[str]:
    """Fills the site's source. Returns the problems of the links."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    pages = Pages()
    for name in _ROOT_PAGES:
        if (ROOT / name).is_file():
            pages.add(PurePosixPath(name))
    for path in sorted((ROOT / "docs").rglob("*")):
        if path.is_file():
            pages.add(PurePosixPath(path.relative_to(ROOT)))
    _list_decisions()
    shutil.copy(Path(__file__).with_suffix(".css"), SOURCE)
    (SOURCE / "endpoint-examples.md").write_text(endpoint_examples.render())
    return pages.problems


def _list_decisions() -> None:
    decisions = sorted((SOURCE / "adr").glob("[0-9]*.md"))
    rows = [f"| {int(path.name[:4])} | [{_title(path.relative_to(SOURCE))}]({path.name}) |" for path in decisions]
    page = ["# Decisions", "", "Records of decisions about the architecture: context, decision and alternatives.", ""]
    (SOURCE / "adr" / "README.md").write_text("\n".join([*page, "| number | decision |", "|---|---|", *rows, ""]))


def address_of(page: PurePosixPath) -> PurePosixPath:
    """The HTML file of a page."""
    if page.name in {"index.md", "README.md"}:
        return page.parent / "index.html"
    return page.with_suffix("") / "index.html"


def markdown_copy(page: PurePosixPath) -> PurePosixPath:
    """The Markdown file beside a page: `points/index.html` has `points/index.md`."""
    return address_of(page).with_suffix(".md")


def add_markdown() -> list[str]:
    """Adds the Markdown copy of each page and `llms.txt`. Returns the differences between pages and navigation."""
    listed = _pages_of(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    present = {PurePosixPath(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.md")}
    missing = {page for _, _, page in listed} - present
    if missing:
        return [f"{page} of the navigation does not exist" for page in sorted(missing)]
    for page in present:
        (SITE / markdown_copy(page)).write_text(_with_links_to_copies((SOURCE / page).read_text(), page))
    lines = ["# Laurels", "", "> A self-hosted gamification server. Each page of its documentation as Markdown."]
    for section, title, page in listed:
        if section:
            lines += ["", f"## {section}", ""]
        lines.append(f"- [{title or _title(page)}]({markdown_copy(page)}): {_description(page)}")
    (SITE / "llms.txt").write_text("\n".join(lines) + "\n")
    unlisted = present - {page for _, _, page in listed}
    return [f"{page} is not in the navigation" for page in sorted(unlisted) if page.parts[0] != "adr"]


def _pages_of(nav: list[dict[str, list[str | dict[str, str]]]]) -> list[tuple[str, str, PurePosixPath]]:
    """Each page with its title and, for the first page of a section, the section's name."""
    pages = []
    for section in nav:
        for name, entries in section.items():
            for position, entry in enumerate(entries):
                title, path = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
                pages.append(("" if position else name, title, PurePosixPath(path)))
    return pages


def _title(page: Path | PurePosixPath) -> str:
    return re.sub(r"^# (\d+\. )?", "", (SOURCE / page).read_text().split("\n", 1)[0])


def _description(page: PurePosixPath) -> str:
    """The first sentence of the first paragraph, without markup."""
    paragraphs = _FENCE.sub("", (SOURCE / page).read_text()).split("\n\n")
    text = next((part for part in map(str.strip, paragraphs) if part and part[0] not in "#|!<-"), "")
    text = _LINK.sub(lambda link: link[1][1:-2], text.replace("\n", " ")).replace("*", "")
    return re.split(r"(?<=[.:?]) ", text, maxsplit=1)[0]


def _with_links_to_copies(text: str, page: PurePosixPath) -> str:
    def rewrite(link: re.Match[str]) -> str:
        address = urlsplit(link[2])
        if address.scheme or not address.path:
            return link[0]
        path = PurePosixPath(os.path.normpath(page.parent / address.path))
        path = markdown_copy(path) if path.suffix == ".md" else path
        relative = os.path.relpath(path, markdown_copy(page).parent)
        return link[1] + relative + (f"#{address.fragment}" if address.fragment else "") + link[3]

    return _LINK.sub(rewrite, text)


class _References(HTMLParser):
    """The ids of a page, its links, and the addresses of everything that a browser loads with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        self.ids |= {named[name] for name in ("id", "name") if name in named}
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        elif tag == "link" and named.get("rel") in {"stylesheet", "icon", "preload", "preconnect", "modulepreload"}:
            self.loaded.append(named.get("href", ""))
        elif "src" in named:
            self.loaded.append(named["src"])


def check() -> list[str]:
    """The problems of the links of the built site."""
    texts = {path: path.read_text() for path in SITE.rglob("*.html")}
    pages = {path: _References(text) for path, text in texts.items()}
    problems = []
    for path, page in pages.items():
        name = path.relative_to(SITE)
        problems += [f"{name}: a code block is shown as text"] if "<p>```" in texts[path] else []
        problems += [f"{name} loads {each}" for each in page.loaded if urlsplit(each).netloc]
        if name == Path("404.html"):
            continue  # Its links are absolute: they begin with the path under which the site is served.
        for link in page.links + page.loaded:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                problems.append(f"{name}: no page for the link {link}")
            elif address.fragment and target in pages and unquote(address.fragment) not in pages[target].ids:
                problems.append(f"{name}: no anchor for the link {link}")
    return sorted(set(problems))


def main() -> int:
    problems = prepare()
    shutil.rmtree(SITE, ignore_errors=True)
    built = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=ROOT, check=False)
    if built.returncode:
        return built.returncode
    problems += add_markdown() + check()
    print("\n".join(problems) or f"The site is in {SITE.relative_to(ROOT)}.", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
