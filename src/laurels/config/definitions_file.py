"""Definitions files: YAML with a section for each kind, whose entries are the request bodies that create definitions.

The name of a section is that in the API's path. All functions take the kinds in the order of the sections.
"""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from laurels.config import yaml_values
from laurels.config.yaml_values import Complaint, Path, Reading
from laurels.kernel.definitions.body import DefinitionBody, Kind
from laurels.kernel.definitions.counts import ALL_LIMIT
from laurels.kernel.definitions.references import Dangling
from laurels.kernel.input import time_fields
from laurels.kernel.input.examination import Examination, place, steps
from laurels.kernel.input.fields import NESTING_LIMIT
from laurels.kernel.input.names import suggestion
from laurels.kernel.input.problems import FieldError, shortened
from laurels.storage import definitions
from laurels.storage.postgres.database import Fetches
from laurels.web.documentation import descriptions

SIZE_LIMIT_BYTES = 4 * 1024 * 1024
# The levels around each definition: the file with its sections, and their lists.
_OUTER_LEVELS = 2
LONGEST_SENTENCE = 2_000
LONGEST_SECTION = ALL_LIMIT
"""Longer sections are not read. The limits of a project are checked when a file is applied."""

# The definitions of each section, in their order. Every section has an entry.
Contents = dict[str, list[DefinitionBody]]

_HEADER = """\
# yaml-language-server: $schema=definitions.schema.json
# For completion and checks in an editor, run once: laurels schema > definitions.schema.json
"""


class Problem(Struct, frozen=True):
    """A problem in a file. `place` is a path such as `badges[2].rarity`, counted from 0; empty for the whole file.
    `line` counts from 1."""

    place: str
    sentence: str
    line: int | None

    def __str__(self) -> str:
        return self.sentence if self.line is None else f"line {self.line}: {self.sentence}"


class DefinitionsFileError(Exception):
    """The file is invalid. `problems` are in the order of the file; the text of the exception has one per line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class DefinitionsFile(Struct, frozen=True, kw_only=True):
    """The content of a file. `sections` are the sections in it, even empty ones."""

    kinds: Sequence[Kind]
    contents: Contents
    sections: set[str]
    reading: Reading

    def refuse(self, dangling: list[Dangling]) -> None:
        """Raises DefinitionsFileError for broken references in the file's definitions."""
        sections = {kind.name: kind.section for kind in self.kinds}
        indexes = {
            (section, body.code): index
            for section, bodies in self.contents.items()
            for index, body in reversed(list(enumerate(bodies)))
        }
        complaints = [
            Complaint((section, indexes[section, reference.code], *steps(reference.field)), reference.message)
            for reference in dangling
            if ((section := sections[reference.kind]), reference.code) in indexes
        ]
        if complaints:
            raise DefinitionsFileError(_problems(complaints, self.reading))

    def problem(self, section: str, code: str, field: str, message: str) -> Problem:
        """A problem with a field of a definition in the file."""
        complaint = Complaint((*self._path(section, code), *steps(field)), message)
        return _problems([complaint], self.reading)[0]

    def _path(self, section: str, code: str) -> Path:
        """The path of the definition; empty if it is not in the file."""
        codes = [body.code for body in self.contents[section]]
        return (section, codes.index(code)) if code in codes else ()


def load(kinds: Sequence[Kind], text: bytes) -> Contents:
    """The definitions of a file. The default of `display_order` is the position in the list, from 1.

    Raises DefinitionsFileError with all problems. Rules about several fields are checked only in definitions whose
    single fields are valid.
    """
    return read(kinds, text).contents


def read(kinds: Sequence[Kind], text: bytes) -> DefinitionsFile:
    """The file with the lines of its values. Raises DefinitionsFileError."""
    if len(text) > SIZE_LIMIT_BYTES:
        raise DefinitionsFileError([Problem("", f"The file is longer than {SIZE_LIMIT_BYTES} bytes.", None)])
    reading = yaml_values.read(text, depth=NESTING_LIMIT + _OUTER_LEVELS, alias_budget=SIZE_LIMIT_BYTES)
    contents: Contents = {kind.section: [] for kind in kinds}
    complaints = list(reading.complaints)
    # The value is None if parsing was stopped.
    if reading.value is not None:
        complaints += _fill(kinds, contents, reading)
    if complaints:
        raise DefinitionsFileError(_problems(complaints, reading))
    return DefinitionsFile(kinds=kinds, contents=contents, sections=set(reading.value or ()), reading=reading)


def dump(kinds: Sequence[Kind], contents: Contents, remark: str = "") -> str:
    """The text of a file with these contents. Fields with their default value are left out. `remark` becomes a comment
    at the top."""
    sections = [
        yaml_values.write({section: [_written(body, order) for order, body in enumerate(contents[section], start=1)]})
        for section in (kind.section for kind in kinds)
        if contents.get(section)
    ]
    return "\n".join([_HEADER + (f"# {remark}\n" if remark else ""), *sections])


async def stored(connection: Fetches, kinds: Sequence[Kind], project_id: int) -> Contents:
    """The current definitions of a project, as the contents of a file, in the order of `display_order`, then `code`.
    Raises DefinitionsFileError."""
    by_kind = {kind.name: kind for kind in kinds}
    contents: Contents = {kind.section: [] for kind in kinds}
    for row in await definitions.present(connection, project_id):
        try:
            kind = by_kind[row.kind]
            contents[kind.section].append(kind.body_of(row))
        except (KeyError, msgspec.ValidationError) as error:
            sentence = (
                f"The {row.kind} {row.code} was written by another version of Laurels and cannot be read by this one"
            )
            raise DefinitionsFileError([Problem("", f"{sentence} ({error}).", None)]) from None
    return contents


def schema(kinds: Sequence[Kind]) -> str:
    """The JSON Schema of the file (https://json-schema.org/draft/2020-12), for editors."""
    bodies = [kind.body for kind in kinds]
    references, components = msgspec.json.schema_components(bodies, ref_template="#/$defs/{name}")
    descriptions.add_to(components, bodies)
    for reference in references:
        order = components[reference["$ref"].rsplit("/", 1)[1]]["properties"]["display_order"]
        del order["default"]
        order["description"] = "The position in lists. The default is the position in this list."
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Laurels definitions",
        "type": "object",
        "properties": {
            kind.section: {"type": ["array", "null"], "items": reference}
            for kind, reference in zip(kinds, references, strict=True)
        },
        "additionalProperties": False,
        "$defs": components,
    }
    return msgspec.json.format(msgspec.json.encode(_on_one_line(document)), indent=2).decode() + "\n"


def _on_one_line(schema: Any) -> Any:
    """The schema with descriptions on one line, because the indentation of docstrings depends on the version of
    Python."""
    if isinstance(schema, dict):
        return {
            name: " ".join(inner.split()) if name == "description" and isinstance(inner, str) else _on_one_line(inner)
            for name, inner in schema.items()
        }
    return [_on_one_line(inner) for inner in schema] if isinstance(schema, list) else schema


def _fill(kinds: Sequence[Kind], contents: Contents, reading: Reading) -> Iterator[Complaint]:
    """Adds valid definitions to `contents` and yields the problems."""
    file = reading.value
    sections = {kind.section: kind for kind in kinds}
    if not isinstance(file, dict):
        yield Complaint((), f"must be an object with the sections {', '.join(sections)}")
        return
    for name, section in file.items():
        if name not in sections:
            yield Complaint((name,), f"is not a section{_suggestion(name, tuple(sections))}")
        elif section is not None and not isinstance(section, list):
            yield from _complaints(section, list[Any], (name,))
        elif section is not None and len(section) > LONGEST_SECTION:
            yield Complaint((name,), f"may have up to {LONGEST_SECTION} definitions, not {len(section)}")
        else:
            yield from _fill_section(contents[name], sections[name], section or [], reading)


def _fill_section(bodies: list[DefinitionBody], kind: Kind, items: list[Any], reading: Reading) -> Iterator[Complaint]:
    first_uses: dict[str, int] = {}
    for index, item in enumerate(items):
        path: Path = (kind.section, index)
        fields = (
            time_fields.in_values({"display_order": index + 1, **item}, kind.body) if isinstance(item, dict) else item
        )
        wrong = list(_complaints(fields, kind.body, path))
        yield from wrong
        if not wrong:
            bodies.append(msgspec.convert(fields, kind.body))
        code = item.get("code") if isinstance(item, dict) else None
        if isinstance(code, str) and first_uses.setdefault(code, index) != index:
            first: Path = (kind.section, first_uses[code], "code")
            # JSON has one line, so its number would not help.
            line = f" in line {reading.line(first)}" if reading.last_line > 1 else ""
            message = f"{code} is already used by {place(first)}{line}"
            yield Complaint((*path, "code"), message)


class _FileExamination(Examination):
    """The examination of a definition, with messages for a person who edits the file."""

    def unknown_name(self, name: str, known: tuple[str, ...], path: Path, *, is_forbidden: bool) -> str:  # noqa: ARG002
        return f"is not a field here{_suggestion(name, known)}"

    def message_for(self, wrong: FieldError, value: Any, error: msgspec.ValidationError) -> str:
        """The message about a value. A sentence of the kind itself, about several fields, follows a colon."""
        if not wrong.field and error.__cause__ is not None:
            return f": {wrong.message}"
        if not wrong.field and wrong.message.startswith("must be a string") and isinstance(value, bool | int | float):
            return f"{wrong.message}; put it in quotes"
        return wrong.message


_examination = _FileExamination()


def _complaints(value: Any, kind: Any, path: Path) -> Iterator[Complaint]:
    return (Complaint(*wrong) for wrong in _examination.problems_of(value, kind, path))


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    """The name that was probably meant, or all names. A bold guess does no harm here, as no name is ignored."""
    close = difflib.get_close_matches(name, known, 1)
    return suggestion(name, known) or (f'; did you mean "{close[0]}"?' if close else f"; use one of {', '.join(known)}")


def _problems(complaints: list[Complaint], reading: Reading) -> list[Problem]:
    """The problems in the order of the file. Of several complaints about one place only the first is kept, as it names
    the cause."""
    firsts: dict[Path, Complaint] = {}
    for complaint in complaints:
        firsts.setdefault(complaint.path, complaint)
    problems = [
        Problem(
            place(path),
            shortened(_sentence(path, complaint.message), LONGEST_SENTENCE),
            complaint.line or reading.line(path),
        )
        for path, complaint in firsts.items()
    ]
    return sorted(problems, key=lambda problem: problem.line or 0)


def _sentence(path: Path, message: str) -> str:
    sentence = f"{place(path) or 'The file'}{'' if message.startswith(':') else ' '}{message}"
    return sentence if sentence.endswith("?") else f"{sentence}."


def _written(body: DefinitionBody, order: int) -> dict[str, Any]:
    """The fields without their defaults. Fields that all kinds share come last."""
    fields: dict[str, Any] = _without_defaults(body)
    for name in ("is_active", "display_order"):
        if name in fields:
            fields[name] = fields.pop(name)
    fields["display_order"] = body.display_order
    if body.display_order == order:
        del fields["display_order"]
    return fields


def _without_defaults(value: Any) -> Any:
    if isinstance(value, Struct):
        config = value.__struct_config__
        written = {} if config.tag is None else {config.tag_field: config.tag}
        values = msgspec.structs.asdict(value)
        for field in msgspec.structs.fields(value):
            inner = values[field.name]
            if field.required or inner != _default(field):
                written[field.encode_name] = _without_defaults(inner)
        return written
    if isinstance(value, dict):
        return {name: _without_defaults(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_defaults(inner) for inner in value]
    return msgspec.to_builtins(value)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
