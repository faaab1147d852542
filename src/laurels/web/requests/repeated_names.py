"""Finds names that occur more than once in a JSON object. In RFC 8259, 4, the meaning of
such an object is undefined; decoders take the last value.

The search must add almost nothing to the time of an award. For most bodies, counting bytes is enough to exclude
repeated names.
"""

import json
import re
from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct

from laurels.kernel.input.problems import FieldError, shortened
from laurels.web.protocol.errors import invalid_fields

SHORT_BYTES = 1_024
"""In a shorter body it is faster to count each name separately."""

REPEATED_LIMIT = 20
"""The number of repeated names shown."""
GIVEN_TWICE = "is given more than once; send it once"

_ESCAPED_ASCII = re.compile(rb"\\u00([2-7][0-9A-Fa-f])")


class FlatNames:
    """The names of a type whose only inner objects are free-form, such as metadata. Names in these are not checked."""

    __slots__ = ("_any_name", "_fields", "_free_fields", "_quoted")

    def __init__(self, kind: type[Struct], free_fields: list[str]) -> None:
        """`free_fields` are the fields that hold free-form objects."""
        self._fields = frozenset(kind.__struct_encode_fields__)
        self._quoted = [b'"%s"' % name.encode() for name in kind.__struct_encode_fields__]
        self._any_name = re.compile(b"|".join(self._quoted))
        self._free_fields = free_fields

    def refuse_repeated(self, sent: bytes, decoded: Any) -> None:
        """Raises Refusal 422 for a repeated field."""
        body = sent
        if b"\\u00" in sent:
            body = _ESCAPED_ASCII.sub(lambda escape: bytes.fromhex(escape[1].decode()), sent)
        if len(body) < SHORT_BYTES:
            repeated = [name for name in self._quoted if body.count(name) > 1]
        else:
            names = self._any_name.findall(body)
            repeated = [name for name in set(names) if names.count(name) > 1]
        if repeated and self._may_repeat(repeated, body, decoded):
            _refuse(self.repeated(sent))

    def repeated(self, sent: bytes) -> list[str]:
        """The repeated fields, found by parsing the whole body, which takes longer."""
        return [name for name in _Objects.read(sent).repeated_at_top if name in self._fields]

    def _may_repeat(self, names: list[bytes], body: bytes, decoded: Any) -> bool:
        """Whether a name occurs more than once outside free-form objects, which may also have, say, an `amount`."""
        values = msgspec.structs.asdict(decoded)
        free = msgspec.json.encode([values[field] for field in self._free_fields if isinstance(values[field], dict)])
        return any(body.count(name) - free.count(name) > 1 for name in names)


class OuterNames:
    """The names in the outermost object of a free-form body, such as a line of an import. Names deeper in it are not
    checked."""

    __slots__ = ()

    def refuse_repeated(self, body: bytes, decoded: Any) -> None:  # noqa: ARG002
        """Raises Refusal 422 for a repeated name in the outermost object."""
        _refuse(self.repeated(body))

    def repeated(self, body: bytes) -> list[str]:
        return _Objects.read(body).repeated_at_top


class AllNames:
    """The names in all objects of a type with nested objects. Slower, but such bodies are rare."""

    __slots__ = ()

    def refuse_repeated(self, body: bytes, decoded: Any) -> None:  # noqa: ARG002
        """Raises Refusal 422 for a repeated name in any object."""
        _refuse(self.repeated(body))

    def repeated(self, body: bytes) -> list[str]:
        return [*_Objects.read(body).repeated]


class _Objects:
    """Collects the repeated names in each object of a valid JSON text. The outermost object comes last."""

    def __init__(self) -> None:
        self.repeated: dict[str, None] = {}
        self.repeated_at_top: list[str] = []

    @classmethod
    def read(cls, body: bytes) -> "_Objects":
        objects = cls()
        # Numbers stay strings, as Python refuses to convert very long ones.
        json.loads(body.decode(), object_pairs_hook=objects, parse_int=str, parse_float=str)
        return objects

    def __call__(self, pairs: list[tuple[str, Any]]) -> None:
        self.repeated_at_top = []
        if len(dict(pairs)) < len(pairs):
            self.repeated_at_top = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
            self.repeated.update(dict.fromkeys(self.repeated_at_top))


def _refuse(names: list[str]) -> None:
    if names:
        raise invalid_fields([FieldError(shortened(name), GIVEN_TWICE) for name in names[:REPEATED_LIMIT]])
