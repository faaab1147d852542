"""Addresses of images: pages show them, so that none may be a program."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from laurels.app import TABLES
from laurels.config import definitions_file
from laurels.config.definitions_file import DefinitionsFileError
from laurels.kernel.input.fields import ImageUrl
from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_one
from tests.checks import assert_refused, query

SENTENCE = "must begin with http://, https:// or data:image/, or be a path without a scheme"
WITH_ICONS = [kind for kind in TABLES.kinds if "icon_url" in kind.body.__struct_fields__]


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com/owl.png?size=1:2",
        "HTTP://app.example.com",
        "data:image/png;base64,iVBORw0KGgo=",
        "/images/owl.png",
        "images/a:b.png",
        "?image=a:b",
        "#owl:1",
        "//cdn.example.com/owl.png",
        "owl",
        "🏆",
        "",
    ],
)
def test_addresses_that_may_be(url: str) -> None:
    assert msgspec.convert(url, ImageUrl) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        # Browsers leave out spaces before, and tabs and newlines within.
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "\njava\nscript:alert(1)",
        "vbscript:msgbox",
        "data:text/html,<script>",
        "data:,x",
        "blob:https://app.example.com/x",
        "file:///etc/passwd",
        "http:owl.png",
    ],
)
def test_addresses_that_may_not_be(api: httpx.Client, url: str) -> None:
    reply = api.post("/admin/badges", json={"code": "b", "name": "B", "icon_url": url})
    assert_refused(reply, 422, field="icon_url", detail=f"icon_url {SENTENCE}.")
    assert_refused(api.post("/participants", json={"participant_id": "a", "avatar_url": url}), 422, field="avatar_url")


def test_every_kind_with_an_icon(api: httpx.Client) -> None:
    assert {kind.section for kind in WITH_ICONS} == {"tiers", "badges", "streaks", "challenges"}
    for kind in WITH_ICONS:
        text = f"{kind.section}:\n  - code: a\n    icon_url: javascript:alert(1)\n"
        with pytest.raises(DefinitionsFileError, match="icon_url must begin with http://"):
            definitions_file.load(TABLES.kinds, text.encode())


def test_one_of_before_stays_until_it_is_changed(api: httpx.Client, database_url: str) -> None:
    made = api.post("/admin/badges", json={"code": "old", "name": "Old", "icon_url": "/old.png"}).json()
    change = "body = jsonb_set(body, '{icon_url}', '\"mdi:trophy\"')"
    query(database_url, f"UPDATE definition SET {change} WHERE code = 'old' AND kind = 'badge'")
    contents: Any = asyncio.run(stored(database_url))
    assert {badge.code: badge.icon_url for badge in contents["badges"]}["old"] == "mdi:trophy"
    path = f"/admin/badges/{made['id']}"
    assert api.get(path).json()["icon_url"] == "mdi:trophy"
    assert_refused(api.patch(path, json={"name": "New"}), 422, field="icon_url")
    assert api.patch(path, json={"name": "New", "icon_url": None}).json()["icon_url"] is None


async def stored(database_url: str) -> definitions_file.Contents:
    connection = await connect_one(database_url)
    try:
        project = await projects.by_code(connection, "default")
        assert project is not None
        return await definitions_file.stored(connection, TABLES.kinds, project.id)
    finally:
        await connection.close()
