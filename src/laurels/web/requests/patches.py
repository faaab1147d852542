"""PATCH bodies, which may be a resource as a response shows it, with some values changed.

Fields that a response shows and a request cannot change are read-only. A read-only field with its current value is
ignored; with another value it is refused.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, UnsetType

from laurels.kernel.input.names import UnknownNames
from laurels.kernel.input.problems import FieldError
from laurels.web.protocol.errors import invalid_fields, invalid_value
from laurels.web.requests.forms import RequestExamination, refuse


def changes(patch: dict[str, Any], kind: type[Struct], current: Struct) -> dict[str, Any]:
    """The new values by field, validated by `kind`. `current` is the resource as responses show it. Raises Refusal
    422."""
    shown = msgspec.structs.asdict(current)
    rest = without_read_only(patch, shown, shown.keys() - {field.name for field in msgspec.structs.fields(kind)})
    try:
        changed = msgspec.convert(rest, kind)
    except msgspec.ValidationError as error:
        refuse(RequestExamination(UnknownNames()).problems_in_parts(rest, kind))
        raise invalid_value(error) from None
    return {name: value for name, value in msgspec.structs.asdict(changed).items() if not isinstance(value, UnsetType)}


def without_read_only(
    patch: dict[str, Any], shown: Mapping[str, Any], read_only: Collection[str], moving: Collection[str] = ()
) -> dict[str, Any]:
    """The patch without read-only fields. Raises Refusal 422 for a read-only field with another value than in `shown`.

    `moving` fields change by themselves, such as counts. Any value of them is accepted if the patch has `updated_at`,
    which shows whether somebody else has changed the resource.
    """
    problems = [
        FieldError(name, f"cannot be changed; it is {msgspec.json.encode(shown[name]).decode()}")
        for name in patch
        if name in read_only
        and not _is_same(patch[name], shown[name])
        and not (name in moving and "updated_at" in patch)
    ]
    if problems:
        raise invalid_fields(problems)
    return {name: value for name, value in patch.items() if name not in read_only}


def _is_same(value: Any, current: Any) -> bool:
    if isinstance(current, datetime) and isinstance(value, str):
        try:
            return msgspec.convert(value, datetime) == current
        except msgspec.ValidationError:
            return False
    return bool(value == msgspec.to_builtins(current))
