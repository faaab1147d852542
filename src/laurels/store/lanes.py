"""Lanes: 64 shares of all participants, the unit in which their data can be spread over machines."""

from zlib import crc32

LANES = 64


def lane_of(project_id: int, participant_id: str) -> int:
    """The lane of a participant: fixed for ever, so this must never change. CRC-32 as in zlib (RFC 1952)."""
    return crc32(f"{project_id}:{participant_id}".encode()) % LANES
