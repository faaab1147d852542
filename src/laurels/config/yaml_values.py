"""Reads YAML as plain values with their lines, and writes plain values as YAML.

Scalars have their meaning in YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) and JSON: `no` and 2026-01-01 are
strings. Written YAML has the same meaning in YAML 1.1. Values are built from the events of the parser, so that a file
cannot create instances of classes, exhaust the stack by its depth, or grow through aliases.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct

from laurels.kernel.input.problems import HOLDS_NUL, TOO_LARGE_A_NUMBER, too_deep

# The path from the root of the file to a value: names of fields and positions in lists.
Path = tuple[str | int, ...]

_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_OCTAL = re.compile(r"0o[0-7]+")
_WORDS = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Complaint(Struct, frozen=True):
    """A problem with the value at a path. `message` continues the name of the place."""

    path: Path
    message: str
    line: int | None = None


class Reading(Struct, frozen=True):
    """The content of a text. `lines` has the line of each path, counted from 1; values inside an alias have the line of
    the alias."""

    value: Any
    lines: dict[Path, int]
    complaints: list[Complaint]

    @property
    def last_line(self) -> int:
        return max(self.lines.values(), default=1)

    def line(self, path: Path) -> int | None:
        """The line of the value, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read(text: bytes, *, depth: int, alias_budget: int) -> Reading:
    """The value of a text with one document; None for an empty text. `depth` limits the nesting of lists and mappings,
    `alias_budget` the total number of characters and values behind aliases."""
    lines: dict[Path, int] = {}
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        return Reading(None, lines, [Complaint((), "is not UTF-8", line)])
    if unreadable := _UNREADABLE.search(decoded):
        line = decoded.count("\n", 0, unreadable.start()) + 1
        message = f"must not contain the control character U+{ord(unreadable[0]):04X}"
        return Reading(None, lines, [Complaint((), message, line)])
    builder = _DocumentBuilder(decoded, depth, alias_budget, lines)
    try:
        value = builder.document()
    except _StoppedError as stopped:
        return Reading(None, lines, [*builder.complaints, stopped.complaint])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        context = f" ({error.context})" if error.context else ""
        complaint = Complaint((), f"is not valid YAML: {error.problem}{context}", mark.line + 1 if mark else None)
        return Reading(None, lines, [*builder.complaints, complaint])
    except yaml.YAMLError as error:
        return Reading(None, lines, [*builder.complaints, Complaint((), f"is not valid YAML: {error}")])
    return Reading(value, lines, builder.complaints)


class _StoppedError(Exception):
    """Parsing cannot continue."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.message)
        self.complaint = complaint


class _Anchored(Struct, frozen=True):
    """A value that aliases refer to."""

    value: Any
    weight: int


class _DocumentBuilder:
    """Builds the value of a document. `_weight` counts one for each value and one for each character."""

    def __init__(self, text: str, depth: int, alias_budget: int, lines: dict[Path, int]) -> None:
        self._events: Iterator[Any] = yaml.parse(text, _LOADER)
        self._depth = depth
        self._alias_budget = alias_budget
        self._anchors: dict[str, _Anchored] = {}
        self._weight = 0
        self.lines = lines
        self.complaints: list[Complaint] = []

    def document(self) -> Any:
        value = None
        documents = 0
        for event in self._events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _StoppedError(Complaint((), "must be a single YAML document", line))
                value = self._value(next(self._events), ())
        return value

    def _value(self, event: Any, path: Path) -> Any:
        line = event.start_mark.line + 1
        # The line of a field is that of its name.
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event, path, line)
        self._refuse_tag(event, path, line)
        before = self._weight
        self._weight += 1
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            self._weight += len(event.value)
            value = self._scalar(event, path, line)
        else:
            if len(path) >= self._depth:
                raise _StoppedError(Complaint(path, too_deep(self._depth), line))
            value = self._list(path) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(path)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, self._weight - before)
        return value

    def _aliased(self, event: Any, path: Path, line: int) -> Any:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            raise _StoppedError(Complaint(path, f"refers to *{event.anchor}, which must be defined before it", line))
        self._weight += anchored.weight
        self._alias_budget -= anchored.weight
        if self._alias_budget < 0:
            raise _StoppedError(Complaint(path, "is one alias too many: with its aliases the file is too large", line))
        return anchored.value

    def _list(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise _StoppedError(Complaint(path, "has a field whose name is not a string", line))
            name = self._name(event, path, line)
            place = (*path, name)
            if name in values:
                message = f"is given twice; the first one is in line {self.lines[place]}"
                self.complaints.append(Complaint(place, message, line))
            else:
                self.lines[place] = line
            value = self._value(next(self._events), place)
            if name == "<<" and event.implicit[0]:
                self._merge(value, merged, place, line)
            else:
                values[name] = value
        return {**merged, **values}

    def _name(self, event: Any, path: Path, line: int) -> str:
        name: str = event.value
        self._refuse_tag(event, (*path, name), line)
        self._weight += len(name) + 1
        if _UNSTORABLE.search(name):
            self.complaints.append(Complaint(path, "has a field whose name contains the NUL character", line))
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(name, len(name) + 1)
        return name

    def _merge(self, value: Any, merged: dict[str, Any], path: Path, line: int) -> None:
        """Merges mappings (https://yaml.org/type/merge.html). Earlier mappings take precedence over later ones, and the
        fields of the mapping itself over all."""
        for source in value if isinstance(value, list) else [value]:
            if isinstance(source, dict):
                merged.update({name: inner for name, inner in source.items() if name not in merged})
            else:
                self.complaints.append(Complaint(path, "must be an alias of an object", line))

    def _refuse_tag(self, event: Any, path: Path, line: int) -> None:
        if event.tag not in (None, "!"):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.complaints.append(Complaint(path, f"must not have a tag; remove {tag}", line))

    def _scalar(self, event: Any, path: Path, line: int) -> Any:
        text: str = event.value
        if _UNSTORABLE.search(text):
            self.complaints.append(Complaint(path, HOLDS_NUL, line))
        if not event.implicit[0]:
            return text
        if text == "" and len(path) > 1:
            # A color such as #FFD700 without quotes is a comment.
            message = "is empty; write null, or put quotes around a string (a string that begins with # needs them)"
            self.complaints.append(Complaint(path, message, line))
        if text in _WORDS:
            return _WORDS[text]
        if _FLOAT.fullmatch(text):
            return self._number(text, path, line)
        return text

    def _number(self, text: str, path: Path, line: int) -> int | float:
        number: int | float = float(text)
        is_kept = math.isfinite(number)
        if _INTEGER.fullmatch(text) and abs(number) < 1e20:
            number = int(text)
            is_kept = -(2**63) <= number < 2**64
        if not is_kept:
            self.complaints.append(Complaint(path, TOO_LARGE_A_NUMBER, line))
        return number


class _Dumper(yaml.SafeDumper):
    """Writes indented lists, strings of several lines as blocks, and no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None
    if re.search("[\x85\u2028\u2029\r]", text):
        # Without escapes, these characters would be read as ordinary ends of lines.
        style = '"'
    elif text == "\n" or text.endswith("\n\n"):
        # As a block, its empty last lines would end the document; sections written after it would begin another
        # document.
        style = '"'
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
# Strings that are numbers only in YAML 1.2 are quoted as well.
for _pattern in (_FLOAT, _OCTAL):
    _Dumper.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(f"(?:{_pattern.pattern})$"), list("-+.0123456789")
    )


def write(value: Any) -> str:
    """The plain value as YAML, with fields in their order."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=float("inf")
    )
    return text
