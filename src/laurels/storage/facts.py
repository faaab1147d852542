"""Facts as the journal stores them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from laurels.kernel.facts import Fact


class FactReader:
    """Reads facts of the given types. `kinds` are their names in the journal."""

    def __init__(self, facts: Iterable[type[Fact]]) -> None:
        self._decoders = {fact.kind: msgspec.json.Decoder(fact) for fact in facts}
        self.kinds = list(self._decoders)

    def fact_from(self, kind: str, data: str) -> Any:
        """The fact in a journal row with this `kind` and `data`."""
        return self._decoders[kind].decode(data)
