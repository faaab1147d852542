"""From the bytes of a request to its structs, or a refusal that names the field."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from laurels.http.errors import Refusal, invalid, invalid_value

BODY_LIMIT_BYTES = 1024 * 1024
NESTING_LIMIT = 32


def decode_body(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """Raises Refusal 422."""
    # Cheap tests on the bytes tell whether the careful ones are needed at all.
    if body.count(b"{") + body.count(b"[") > NESTING_LIMIT and _nesting(body) > NESTING_LIMIT:
        raise invalid("", f"is nested deeper than {NESTING_LIMIT} levels")
    try:
        decoded = decoder.decode(body)
        if b"\\u0000" in body:
            _refuse_nul(msgspec.json.decode(body), "")
    except msgspec.ValidationError as error:
        raise invalid_value(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid("", f"is not valid JSON in UTF-8: {error}") from None
    return decoded


def decode_query(kind: type, query_string: bytes) -> Any:
    """Later values win over earlier ones; unknown parameters are ignored. Raises Refusal 422."""
    try:
        values = dict(parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict"))
        if any("\0" in value for value in values.values()):
            raise Refusal(422, "The query must not hold the NUL character.")
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_value(error) from None
    except ValueError:
        raise Refusal(422, "The query is not valid percent-encoded UTF-8.") from None


def _nesting(body: bytes) -> int:
    """The depth of objects and lists, brackets inside strings not counted."""
    deepest = depth = 0
    in_string = is_escaped = False
    for byte in body:
        if in_string:
            if is_escaped:
                is_escaped = False
            elif byte == 0x5C:
                is_escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"{[":
            depth += 1
            if depth > deepest:
                deepest = depth
                if deepest > NESTING_LIMIT:
                    break
        elif byte in b"}]":
            depth -= 1
    return deepest


def _refuse_nul(value: Any, path: str) -> None:
    """PostgreSQL's text cannot hold the NUL character."""
    if isinstance(value, str):
        if "\0" in value:
            raise invalid(path, "must not hold the NUL character")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _refuse_nul(name, path)
            _refuse_nul(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_nul(inner, f"{path}[{index}]")
