"""Every part of the OpenAPI document has a description."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support import Server

Part = tuple[str, str]


@pytest.fixture(scope="module")
def document(server: Server) -> Any:
    return httpx.get(f"{server.base_url}/openapi.json").json()


def of_operations(document: Any) -> Iterator[Part]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            yield where, operation.get("description", "")
            for parameter in operation.get("parameters", []):
                yield f"{where}, {parameter['in']} {parameter['name']}", parameter.get("description", "")
            for status, response in operation["responses"].items():
                yield f"{where}, {status}", response.get("description", "")
                for name, header in response["headers"].items():
                    yield f"{where}, {status}, {name}", header.get("description", "")


def of_properties(where: str, schema: Any) -> Iterator[Part]:
    for name, described in schema.get("properties", {}).items():
        yield f"{where}.{name}", described.get("description", "")
        yield from of_properties(f"{where}.{name}", described)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from of_properties(f"{where}[]", schema[name])
    for name in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(name, []):
            yield from of_properties(where, option)


def of_components(document: Any) -> Iterator[Part]:
    for name, schema in document["components"]["schemas"].items():
        yield name, schema.get("description", "")
        yield from of_properties(name, schema)


def parts(document: Any) -> list[Part]:
    return [
        ("the API", document["info"].get("description", "")),
        *((f"tag {tag['name']}", tag.get("description", "")) for tag in document["tags"]),
        *of_operations(document),
        *of_components(document),
    ]


def test_none_is_missing(document: Any) -> None:
    missing = sorted({where for where, description in parts(document) if not description.strip()})
    assert missing == []
    assert len(parts(document)) > 5_000


def test_descriptions_are_sentences(document: Any) -> None:
    """Or end with a link."""
    unfinished = {where: text for where, text in parts(document) if text.rstrip("`")[-1:] not in {".", "?", ")"}}
    assert unfinished == {}


def test_each_tag_is_described_once(document: Any) -> None:
    used = {tag for item in document["paths"].values() for operation in item.values() for tag in operation["tags"]}
    assert [tag["name"] for tag in document["tags"]] == list(dict.fromkeys(tag["name"] for tag in document["tags"]))
    assert {tag["name"] for tag in document["tags"]} == used
