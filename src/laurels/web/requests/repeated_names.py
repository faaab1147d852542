"""Names that come more than once in a JSON object. RFC 8259, 4, leaves open which one counts, decoders take the last.

Looking for them has to cost an award next to nothing: a count of bytes tells of most bodies that there is none.
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
"""In a shorter body it is quicker to count each name by itself."""

REPEATED_LIMIT = 20
"""How many are told."""
GIVEN_TWICE = "is given more than once; send it once"

_ESCAPED_ASCII = re.compile(rb"\\u00([2-7][0-9A-Fa-f])")


class FlatNames:
    """The names of a type without objects in it but for the caller's own, which may hold any names."""

    __slots__ = ("_any_name", "_free", "_known", "_quoted")

    def __init__(self, kind: type[Struct], free: list[str]) -> None:
        """`free` are the fields that hold objects of the caller's."""
        self._known = frozenset(kind.__struct_encode_fields__)
        self._quoted = [b'"%s"' % name.encode() for name in kind.__struct_encode_fields__]
        self._any_name = re.compile(b"|".join(self._quoted))
        self._free = free

    def refuse_repeated(self, sent: bytes, decoded: Any) -> None:
        """Raises Refusal 422 for a field that is given twice."""
        body = sent
        if b"\\u00" in sent:
            body = _ESCAPED_ASCII.sub(lambda escape: bytes.fromhex(escape[1].decode()), sent)
        if len(body) < SHORT_BYTES:
            repeated = [name for name in self._quoted if body.count(name) > 1]
        else:
            found = self._any_name.findall(body)
            repeated = [name for name in set(found) if found.count(name) > 1]
        if repeated and self._may_repeat(repeated, body, decoded):
            _refuse(self.repeated(sent))

    def repeated(self, sent: bytes) -> list[str]:
        """The fields that are given more than once, read with care, which takes longer."""
        return [name for name in _Objects.read(sent).repeated_at_top if name in self._known]

    def _may_repeat(self, names: list[bytes], body: bytes, decoded: Any) -> bool:
        """Whether there are more of these than the caller's own objects have: an order may have an `amount`, too."""
        values = msgspec.structs.asdict(decoded)
        own = msgspec.json.encode([values[field] for field in self._free if isinstance(values[field], dict)])
        return any(body.count(name) - own.count(name) > 1 for name in names)


class OuterNames:
    """Those of an object of the caller's own, such as a line of a file, whose values may hold any names."""

    __slots__ = ()

    def refuse_repeated(self, body: bytes, decoded: Any) -> None:  # noqa: ARG002
        """Raises Refusal 422 for a name that is given twice in the outermost object."""
        _refuse(self.repeated(body))

    def repeated(self, body: bytes) -> list[str]:
        return _Objects.read(body).repeated_at_top


class AllNames:
    """Those of a type with objects in objects, none of which the caller's programs send by the thousand."""

    __slots__ = ()

    def refuse_repeated(self, body: bytes, decoded: Any) -> None:  # noqa: ARG002
        """Raises Refusal 422 for a field that is given twice, in any object."""
        _refuse(self.repeated(body))

    def repeated(self, body: bytes) -> list[str]:
        return [*_Objects.read(body).repeated]


class _Objects:
    """Looks at each object of a JSON text that is known to be right, the outermost at last."""

    def __init__(self) -> None:
        self.repeated: dict[str, None] = {}
        self.repeated_at_top: list[str] = []

    @classmethod
    def read(cls, body: bytes) -> "_Objects":
        objects = cls()
        # Numbers are left as they are: some are too long to be read.
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
