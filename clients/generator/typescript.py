"""Generates the types and methods of the TypeScript client."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from clients.generator.document import KEY, Api, Field, Operation, Schema, Type, camel, name_in

HEAD = "// Generated from the OpenAPI document by `make clients`. Do not edit.\n"
WIDTH = 120

_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def types(api: Api) -> str:
    interfaces = "\n".join(_interface(each) for each in api.types)
    queries = "\n".join(_query_interface(operation) for operation in api.operations if operation.query)
    return f"""{HEAD}/** The requests and responses, with the names of the API. Times are RFC 3339. */

/** A time in a request. */
export type Moment = string | Date;

{interfaces}
{queries}"""


def methods(api: Api) -> str:
    used = sorted({name for operation in api.operations for name in _names_of(operation)})
    imports = "".join(f"  {name},\n" for name in used)
    body = "\n".join(_method(operation) for operation in api.operations)
    return f"""{HEAD}/** The client: a method for each operation of the API. */

import type {{ Pages }} from "./pages.js";
import {{ type CallOptions, Transport }} from "./transport.js";
import type {{
{imports}}} from "./types.js";

/**
 * The client.
 *
 * All methods throw LaurelsError: RefusedError for an error response, UnreachableError without a response. Calls that
 * can be repeated safely are retried after connection errors, 429 and 503. Calls that take an idempotency key get one,
 * so that they can be repeated.
 */
export class Laurels extends Transport {{
{body}}}
"""


def _interface(described: Type) -> str:
    is_sent = described.is_request and not described.is_response
    tag = [f"  {described.tag_field}: {_literal(described.tag)};"] if described.tag else []
    members = [line for each in described.fields for line in _member(each, is_sent=is_sent)]
    lines = [*_comment(described.description, 0), f"export interface {described.name} {{", *tag, *members, "}"]
    return "\n".join(lines) + "\n"


def _query_interface(operation: Operation) -> str:
    members = [line for each in operation.query for line in _member(each, is_sent=True, is_parameter=True)]
    return "\n".join([f"export interface {_query_name(operation)} {{", *members, "}"]) + "\n"


def _query_name(operation: Operation) -> str:
    name = camel(operation.name)
    return f"{name[0].upper()}{name[1:]}Query"


def _member(each: Field, *, is_sent: bool, is_parameter: bool = False) -> Iterator[str]:
    yield from _comment(each.description, 2)
    mark = "" if each.is_required else "?"
    kind = _type(each.schema, is_sent=is_sent)
    if is_parameter and "[]" in kind:
        # A single string is also allowed, as in the API.
        kind = f"string | {kind}"
    line = f"  {each.name}{mark}: {kind};"
    if len(line) > WIDTH:
        options = "".join(f"\n    | {option}" for option in kind.split(" | "))
        line = f"  {each.name}{mark}:{options};"
    yield line


def _type(schema: Schema, *, is_sent: bool) -> str:
    if name := name_in(schema):
        return name
    if "anyOf" in schema:
        options = dict.fromkeys(_type(option, is_sent=is_sent) for option in schema["anyOf"])
        return " | ".join(sorted(options, key=lambda option: option == "null"))
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    match schema.get("type"):
        case "string" if schema.get("format") == "date-time" and is_sent:
            return "Moment"
        case "array":
            item = _type(schema.get("items", {}), is_sent=is_sent)
            return f"({item})[]" if " | " in item else f"{item}[]"
        case "object":
            return f"Record<string, {_type(schema.get('additionalProperties') or {}, is_sent=is_sent)}>"
        case str(kind):
            return _PLAIN[kind]
        case _:
            return "unknown"


def _names_of(operation: Operation) -> Iterator[str]:
    """The types in the signature of the operation's method."""
    if operation.body:
        yield operation.body.name
    if operation.query:
        yield _query_name(operation)
    for schema in (operation.response, operation.items.schema["items"] if operation.items else None):
        if schema and (name := name_in(schema)):
            yield name


def _method(operation: Operation) -> str:
    parameters = [f"{camel(each.name)}: string" for each in operation.path_fields]
    if operation.body:
        parameters.append(f"body: {operation.body.name}")
    if operation.query:
        is_needed = any(each.is_required for each in operation.query)
        parameters.append(f"query{'' if is_needed else '?'}: {_query_name(operation)}")
    parameters.append("options?: CallOptions")
    head = f"  {camel(operation.name)}({', '.join(parameters)}): {_returned(operation)} {{"
    if len(head) > WIDTH:
        inner = "".join(f"    {each},\n" for each in parameters)
        head = f"  {camel(operation.name)}(\n{inner}  ): {_returned(operation)} {{"
    return "\n".join([*_comment(_explained(operation), 2), head, f"    return {_sent(operation)};", "  }"]) + "\n"


def _returned(operation: Operation) -> str:
    response = _response(operation)
    if operation.items:
        return f"Pages<{response}, {_type(operation.items.schema['items'], is_sent=False)}>"
    return f"AsyncGenerator<{response}, void, undefined>" if operation.is_stream else f"Promise<{response}>"


def _response(operation: Operation) -> str:
    return "string" if operation.response is None else _type(operation.response, is_sent=False)


def _sent(operation: Operation) -> str:
    parts = [f"method: {_literal(operation.method)}", f"path: {_literal(operation.path)}"]
    if operation.path_fields:
        segments = ", ".join(f"{each.name}: {camel(each.name)}" for each in operation.path_fields)
        parts.append(f"segments: {{ {segments} }}")
    if operation.query:
        parts.append("query")
    if operation.body:
        parts.append("body")
    if operation.takes_key and operation.body and any(each.name == KEY for each in operation.body.fields):
        parts.append("isKeyed: true")
    if operation.keyed_items:
        parts.append(f"keyedItems: {_literal(operation.keyed_items)}")
    if operation.response is None:
        parts.append("isText: true")
    arguments = [f"{{ {', '.join(parts)} }}", "options"]
    if operation.items:
        arguments.insert(1, f"(response) => response.{operation.items.name}")
    name = "listed" if operation.items else "lines" if operation.is_stream else "run"
    one_line = f"this.{name}({', '.join(arguments)})"
    if len(one_line) + 12 <= WIDTH:
        return one_line
    if len(arguments[0]) + 7 > WIDTH:
        arguments[0] = "{\n" + "".join(f"        {part},\n" for part in parts) + "      }"
    return f"this.{name}(\n" + "".join(f"      {each},\n" for each in arguments) + "    )"


def _explained(operation: Operation) -> str:
    summary = f"{operation.summary}." if operation.summary[-1] not in ".?" else operation.summary
    return f"{summary}\n\n{operation.description}"


def _comment(text: str, indent: int) -> list[str]:
    space = " " * indent
    if not text:
        return []
    if "\n" not in text and len(text) + indent + 7 <= WIDTH:
        return [f"{space}/** {text} */"]
    lines = [
        wrapped
        for line in text.split("\n")
        for wrapped in (textwrap.wrap(line, WIDTH - indent - 3, break_on_hyphens=False) or [""])
    ]
    return [f"{space}/**", *(f"{space} * {line}".rstrip() for line in lines), f"{space} */"]


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
