"""Facts as the journal stores them."""

from typing import Any

import msgspec

from laurels.mechanics.facts import FACTS

_decoders: dict[str, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(fact) for kind, fact in FACTS.items()}


def fact_from(kind: str, data: str) -> Any:
    """The fact of a row's `kind` and `data`."""
    return _decoders[kind].decode(data)
