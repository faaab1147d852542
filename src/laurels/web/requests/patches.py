"""Changes of what was read before: a resource that comes back whole is taken, with what cannot be changed as it is.

Fields that a response shows and a request cannot change are read-only. One with the present value is left out; one with
another value is refused, and named.
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


def changes(patch: dict[str, Any], kind: type[Struct], present: Struct) -> dict[str, Any]:
    """What the patch changes, by field, checked by `kind`; `present` is what the resource's response shows. Raises
    Refusal 422."""
    shown = msgspec.structs.asdict(present)
    rest = without_read_only(patch, shown, shown.keys() - {field.name for field in msgspec.structs.fields(kind)})
    try:
        given = msgspec.convert(rest, kind)
    except msgspec.ValidationError as error:
        refuse(RequestExamination(UnknownNames()).of_parts(rest, kind))
        raise invalid_value(error) from None
    return {name: value for name, value in msgspec.structs.asdict(given).items() if not isinstance(value, UnsetType)}


def without_read_only(
    patch: dict[str, Any], shown: Mapping[str, Any], read_only: Collection[str], moving: Collection[str] = ()
) -> dict[str, Any]:
    """`shown` are the present values. The values of `moving` fields change by themselves: any is taken beside an
    `updated_at`, which tells whether somebody has changed the resource. Raises Refusal 422."""
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


def _is_same(given: Any, present: Any) -> bool:
    if isinstance(present, datetime) and isinstance(given, str):
        try:
            return msgspec.convert(given, datetime) == present
        except msgspec.ValidationError:
            return False
    return bool(given == msgspec.to_builtins(present))
