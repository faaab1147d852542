"""What callers, stored journals and operators rely on, in files to compare with: `make frozen` writes them anew.

A difference is a change that somebody outside will notice. It belongs into the same commit as its reason.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from laurels.kernel import commands, facts

FOLDER = Path(__file__).parent
_WORDS = ("description", "summary", "title", "example", "examples", "info")


def without_words(value: Any) -> Any:
    """What is there for readers alone may change at any time."""
    if isinstance(value, dict):
        return {name: without_words(inner) for name, inner in value.items() if not _is_words(name, inner)}
    return [without_words(inner) for inner in value] if isinstance(value, list) else value


def _is_words(name: str, value: Any) -> bool:
    # A schema's property may have such a name, too; then its value is a schema.
    return name in _WORDS and not (isinstance(value, dict) and ("type" in value or "anyOf" in value or "$ref" in value))


def schemas(base: type[msgspec.Struct], name: str) -> dict[str, Any]:
    """The JSON of each kind of fact or command, by the `name` that journals and keys keep."""
    return {
        getattr(kind, name): without_words(msgspec.json.schema(kind))
        for kind in _kinds(base)
        if isinstance(getattr(kind, name, None), str) and kind.__module__.startswith("laurels.")
    }


def _kinds(base: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    return [kind for direct in base.__subclasses__() for kind in (direct, *_kinds(direct))]


def fact_schemas() -> dict[str, Any]:
    return schemas(facts.Fact, "kind")


def command_schemas() -> dict[str, Any]:
    return schemas(commands.Command, "operation")


def operations(document: dict[str, Any]) -> dict[str, Any]:
    """Those of an OpenAPI document, and its components, each by its name."""
    paths, components = document["paths"], document["components"]
    return without_words(
        {f"{method.upper()} {path}": call for path, calls in paths.items() for method, call in calls.items()}
        | {f"{kind} {name}": each for kind, named in components.items() for name, each in named.items()}
    )


def read(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text().splitlines()


def write(name: str, lines: list[str]) -> None:
    (FOLDER / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines))


def lines(named: dict[str, Any]) -> list[str]:
    """One for each name, with its value as JSON."""
    return [f"{name} {json.dumps(value, sort_keys=True, ensure_ascii=False)}" for name, value in sorted(named.items())]
