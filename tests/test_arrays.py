"""What the driver encodes as an array (storage/postgres/arrays.py)."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from asyncpg.protocol import protocol

from laurels.storage.postgres import database  # noqa: F401

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_driver_has_the_names_that_are_replaced() -> None:
    assert protocol.SizedABC is protocol.IterableABC
    assert list in protocol.SizedABC
    assert protocol.MappingABC is dict


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text[]", ["a", "", None, "{b}"]),
        ("text[]", ("a", "b")),
        ("text[]", {"a": 1, "b": 2}.keys()),
        ("text[]", {1: "a", 2: "b"}.values()),
        ("integer[]", frozenset([3])),
        ("integer[]", []),
        ("smallint[]", [[1, 2], [3, 4]]),
        ("text[]", [["a", "b"], ["c", None]]),
        ("bytea[]", [b"", b"\x00"]),
        ("timestamptz[]", [NOON, None]),
    ],
)
def test_arrays_arrive_as_they_are(database_url: str, kind: str, given: Collection[Any]) -> None:
    arrived = asyncio.run(encoded(database_url, kind, given))
    assert arrived == list(given)


@pytest.mark.parametrize("given", ["text", {"a": 1}, 5])
def test_what_is_no_array_is_refused(database_url: str, given: object) -> None:
    with pytest.raises(asyncpg.DataError):
        asyncio.run(encoded(database_url, "text[]", given))


async def encoded(url: str, kind: str, given: object) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(f"SELECT $1::{kind}", given)
    finally:
        await connection.close()
