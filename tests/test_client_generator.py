"""The clients' generated parts are those of this API, and fit what it documents."""

import ast
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from clients.generator import document as read
from clients.generator.__main__ import generated
from clients.generator.python import WIDTH, docstring
from laurels.app import COMPOSITION
from laurels.client import types
from laurels.web.documentation.openapi import document

REPOSITORY = Path(__file__).parents[1]
API = read.read()
BODIES = {endpoint.operation: endpoint.body_documented for endpoint in COMPOSITION.endpoints}
DOCUMENT: Any = msgspec.json.decode(document(COMPOSITION.endpoints))


def described(operation: read.Operation) -> Any:
    return DOCUMENT["paths"][operation.path][operation.method.lower()]


def test_the_clients_are_up_to_date() -> None:
    for path, content in generated().items():
        assert (REPOSITORY / path).read_text() == content, f"{path} is not what `make clients` writes"


@pytest.mark.parametrize("text", ["a " * 80, "a \\d " * 40], ids=["plain", "raw"])
@pytest.mark.parametrize("indent", [0, 4, 8])
def test_docstrings_of_any_length_fit_into_the_line(text: str, indent: int) -> None:
    for length in range(80, 140):
        shortened = text[:length].rstrip("\\ ")
        lines = docstring(shortened, indent).splitlines()
        assert max(map(len, lines)) <= WIDTH
        read_again = ast.literal_eval("\n".join(line[indent:] for line in lines))
        assert read_again.split() == shortened.split()


def test_every_operation_with_a_key_is_there() -> None:
    """Without the stream of events: the clients read the feed with long polling."""
    keyed = {each.operation for each in COMPOSITION.endpoints if each.path.startswith("/api/")} - {"stream_feed"}
    assert {operation.name for operation in API.operations} == keyed


@pytest.mark.parametrize("operation", API.operations, ids=lambda operation: operation.name)
def test_the_documented_examples_fit(operation: read.Operation) -> None:
    """An answer is read into its type, and what is sent of a body is what it says."""
    for status, response in described(operation)["responses"].items():
        for content in response["content"].values():
            if status.startswith("2") and operation.response is not None:
                kind = getattr(types, read.name_in(operation.response) or "", Any)
                back = msgspec.to_builtins(msgspec.convert(content["example"], kind))
                assert holds(back, content["example"]), status
    if operation.body is not None:
        content = described(operation)["requestBody"]["content"]["application/json"]
        body = msgspec.convert(content["example"], getattr(types, operation.body.name))
        sent = msgspec.json.decode(msgspec.json.encode(body))
        assert jsonschema_rs.is_valid({**content["schema"], "components": DOCUMENT["components"]}, sent)
        kind = BODIES[operation.name]
        assert msgspec.convert(sent, kind) == msgspec.convert(content["example"], kind)


def holds(whole: Any, part: Any) -> bool:
    """All that `part` says, `whole` says too."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], value) for name, value in part.items())
    if isinstance(part, list | tuple):
        return len(whole) == len(part) and all(holds(one, other) for one, other in zip(whole, part, strict=True))
    return bool(whole == part)
