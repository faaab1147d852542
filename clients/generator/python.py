"""Generates the types and methods of the Python client."""

import json
import keyword
import textwrap
from collections.abc import Iterator
from typing import Any

from clients.generator.document import KEY, MISSING, Api, Field, Operation, Schema, Type, name_in

HEAD = "# Generated from the OpenAPI document by `make clients`. Do not edit.\n"
WIDTH = 120

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def types(api: Api) -> str:
    classes = "\n\n".join(_class(each) for each in api.types)
    return f'''{HEAD}"""The requests and responses as structs. Fields that are missing in a response are None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from laurels.client.extensible import Extensible


{classes}
'''


def methods(api: Api, *, is_async: bool) -> str:
    name, base = ("AsyncLaurels", "AsyncTransport") if is_async else ("Laurels", "Transport")
    pages, iterator = ("AsyncPages", "AsyncIterator") if is_async else ("Pages", "Iterator")
    kind = "asynchronous" if is_async else "blocking"
    used = sorted({each for operation in api.operations for each in _names_of(operation, api)})
    body = "\n".join(_method(operation, is_async=is_async) for operation in api.operations)
    return f'''{HEAD}"""The {kind} client: a method for each operation of the API."""

from collections.abc import {iterator}, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from laurels.client.calls import ApiCall, key_or_new, quoted, with_keys
from laurels.client.pages import {pages}
from laurels.client.transport import {base}
from laurels.client.types import {", ".join(used)}


class {name}({base}):
    """The {kind} client.

    All methods raise LaurelsError: RefusedError for an error response, UnreachableError without a response. Calls that
    can be repeated safely are retried after connection errors, 429 and 503. Calls that take an idempotency key get one,
    so that they can be repeated.
    """

{body}
'''


def _class(described: Type) -> str:
    options = ["frozen=True", "kw_only=True"]
    if described.is_request and not described.is_response:
        options.append("omit_defaults=True")
    if described.tag:
        options += [f"tag_field={_literal(described.tag_field)}", f"tag={_literal(described.tag)}"]
    ordered = described.fields
    lines = [f"class {described.name}(Struct, {', '.join(options)}):"]
    if described.description:
        lines += [docstring(described.description, 4), ""]
    for each in ordered:
        lines.append(f"    {_attribute(each, described)}")
        if each.description:
            lines.append(docstring(each.description, 4))
    if not ordered and not described.description:
        lines.append("    pass")
    return "\n".join(lines) + "\n"


def _attribute(each: Field, owner: Type) -> str:
    kind = _type(each.schema, is_response=owner.is_response)
    name = python_name(each.name)
    if each.is_required:
        default = None
    elif owner.is_response and not owner.is_request and each.default is MISSING:
        kind, default = _optional(kind), "None"
    else:
        kind, default = _defaulted(kind, each)
    if name != each.name:
        options = [f"name={_literal(each.name)}"] + ([f"default={default}"] if default else [])
        default = f"field({', '.join(options)})"
    return f"{name}: {kind}" + (f" = {default}" if default else "")


def _defaulted(kind: str, each: Field) -> tuple[str, str]:
    """The type and the default of an optional field."""
    if each.default is None or isinstance(each.default, bool | int | float | str):
        return kind, repr(each.default) if not isinstance(each.default, str) else _literal(each.default)
    if each.default == []:
        return kind.replace("list[", "Sequence[", 1), "()"
    return " | ".join(_none_last([*kind.split(" | "), "UnsetType"])), "UNSET"


def _optional(kind: str) -> str:
    return kind if "None" in kind.split(" | ") else f"{kind} | None"


def _type(schema: Schema, *, is_response: bool) -> str:
    if name := name_in(schema):
        return name
    if "anyOf" in schema:
        options = list(dict.fromkeys(_type(option, is_response=is_response) for option in schema["anyOf"]))
        return " | ".join(_none_last(options))
    if "enum" in schema:
        values = f"Literal[{', '.join(_literal(value) for value in schema['enum'])}]"
        return f"Extensible[{values}]" if is_response else values
    match schema.get("type"):
        case "string" if schema.get("format") == "date-time":
            return "datetime"
        case "array":
            container = "list" if is_response else "Sequence"
            return f"{container}[{_type(schema.get('items', {}), is_response=is_response)}]"
        case "object":
            values = _type(schema.get("additionalProperties") or {}, is_response=is_response)
            return f"{'dict' if is_response else 'Mapping'}[str, {values}]"
        case str(kind):
            return _PLAIN[kind]
        case _:
            return "Any"


def _none_last(options: list[str]) -> list[str]:
    return sorted(options, key=lambda option: option == "None")


def _names_of(operation: Operation, api: Api) -> Iterator[str]:
    if operation.body:
        yield operation.body.name
    schemas = [each.schema for each in (operation.body.fields if operation.body else [])]
    schemas += [operation.response] if operation.response else []
    schemas += [operation.items.schema] if operation.items else []
    for name in api.by_name:
        if any(f'/{name}"' in json.dumps(schema) for schema in schemas):
            yield name


def _method(operation: Operation, *, is_async: bool) -> str:
    prefix = "async " if is_async and not operation.is_stream and not operation.items else ""
    signature = ", ".join(["self", *_parameters(operation)])
    return (
        f"    {prefix}def {operation.name}({signature}) -> {_returned(operation, is_async=is_async)}:\n"
        f"{docstring(_explained(operation), 8)}\n"
        f"        {_statement(operation, is_async=is_async)}\n"
    )


def _parameters(operation: Operation) -> Iterator[str]:
    fields = [*operation.path_fields, *(operation.body.fields if operation.body else []), *operation.query]
    names = [each.name for each in fields]
    if len(set(names)) < len(names):
        raise ValueError(f"{operation.name} has two parameters with the same name: {names}")
    for each in fields:
        if each.is_required:
            kind = _type(each.schema, is_response=False)
            if each.name == operation.keyed_items:
                kind = f"{kind.removesuffix(']')} | Mapping[str, Any]]"
            yield f"{python_name(each.name)}: {kind}"
    optional = [each for each in fields if not each.is_required]
    if optional:
        yield "*"
    for each in optional:
        kind, default = _defaulted(_type(each.schema, is_response=False), each)
        if each in operation.query and "Sequence[" in kind:
            # A single string is also allowed, as in the API.
            kind = f"str | {kind}"
        yield f"{python_name(each.name)}: {kind} = {default}"


def _returned(operation: Operation, *, is_async: bool) -> str:
    response = _response(operation)
    mark = "Async" if is_async else ""
    if operation.items:
        item = _type(operation.items.schema["items"], is_response=True)
        return f"{mark}Pages[{response}, {item}]"
    return f"{mark}Iterator[{response}]" if operation.is_stream else response


def _response(operation: Operation) -> str:
    return "str" if operation.response is None else _type(operation.response, is_response=True)


def _statement(operation: Operation, *, is_async: bool) -> str:
    path = operation.path
    for each in operation.path_fields:
        path = path.replace(f"{{{each.name}}}", f"{{quoted({python_name(each.name)})}}")
    arguments = [f"method={_literal(operation.method)}", f"path={'f' if operation.path_fields else ''}{_literal(path)}"]
    arguments.append(f"response_type={_response(operation)}")
    if operation.query:
        values = ", ".join(f"{_literal(each.name)}: {python_name(each.name)}" for each in operation.query)
        arguments.append(f"query={{{values}}}")
    if operation.body:
        values = ", ".join(_argument(operation, each) for each in operation.body.fields)
        arguments.append(f"body={operation.body.name}({values})")
    if operation.is_keyed:
        arguments.append("is_keyed=True")
    call = f"ApiCall({', '.join(arguments)})"
    if operation.items:
        return f"return self._pages({call}, lambda response: response.{operation.items.name})"
    if operation.is_stream:
        return f"return self._lines({call})"
    return f"return {'await ' if is_async else ''}self._run({call})"


def _argument(operation: Operation, each: Field) -> str:
    name = python_name(each.name)
    value = name
    if operation.takes_key and each.name == KEY:
        value = f"key_or_new({name})"
    elif each.name == operation.keyed_items:
        value = f"with_keys({name})"
    return f"{name}={value}"


def _explained(operation: Operation) -> str:
    parts = [f"{operation.summary}." if operation.summary[-1] not in ".?" else operation.summary, operation.description]
    if operation.body and operation.body.description:
        parts.append(operation.body.description)
    fields = [*operation.path_fields, *(operation.body.fields if operation.body else []), *operation.query]
    described = [f"- `{python_name(each.name)}`: {each.description}" for each in fields if each.description]
    return "\n\n".join([*parts, "\n".join(described)] if described else parts)


def docstring(text: str, indent: int) -> str:
    """The text as a wrapped docstring."""
    space = " " * indent
    raw = "r" if "\\" in text else ""
    opening = len(raw) + 3
    # A text that nearly fills its line is wrapped, because the closing quotes need room, too.
    quotes = opening + 3 if "\n" not in text and len(text) + indent + opening <= WIDTH else opening
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        wrapped = textwrap.wrap(
            line,
            WIDTH - indent - (quotes if number == 0 else 0),
            subsequent_indent="  " if line.startswith("- ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapped or [""]
    if len(lines) == 1 and len(lines[0]) + indent + opening + 3 <= WIDTH:
        return f'{space}{raw}"""{lines[0]}"""'
    return "\n".join(
        [f'{space}{raw}"""{lines[0]}', *(f"{space}{line}" if line else "" for line in lines[1:]), f'{space}"""']
    )


def python_name(name: str) -> str:
    """The name, with an underscore if it is a keyword of Python: `from_`."""
    return f"{name}_" if keyword.iskeyword(name) else name


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
