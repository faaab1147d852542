"""Times as texts, by RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.dates import times

LAST = datetime(2026, 12, 31, 23, 59, 59, 999999, UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-31T23:59:59Z", LAST.replace(microsecond=0)),
        ("2026-12-31T23:59:59.5Z", LAST.replace(microsecond=500_000)),
        ("2026-12-31T23:59:59.999999Z", LAST),
        # Java's LocalTime.MAX has nanoseconds; JavaScript libraries and databases write seven digits.
        ("2026-12-31T23:59:59.9999999Z", LAST),
        ("2026-12-31T23:59:59.999999999Z", LAST),
        (f"2026-12-31T23:59:59.{'9' * 1000}Z", LAST),
        ("2026-12-31T23:59:59.0000009Z", LAST.replace(microsecond=0)),
        # A leap second, section 5.7, with its examples from section 5.8.
        ("1990-12-31T23:59:60Z", datetime(1990, 12, 31, 23, 59, 59, 999999, UTC)),
        ("1990-12-31T15:59:60-08:00", datetime(1990, 12, 31, 23, 59, 59, 999999, UTC)),
        ("2026-12-31T23:59:60.75Z", LAST),
        # What section 5.6 also takes: small letters, a blank instead of the T.
        ("2026-12-31t23:59:59.9999999z", LAST),
        ("2026-12-31 23:59:59.9999999Z", LAST),
        ("2026-12-31T23:59:59.9999999+05:30", LAST.replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("2026-12-31T23:59:59.9999999-0100", LAST.replace(tzinfo=timezone(timedelta(hours=-1)))),
        ("2026-12-31T23:59:59.9999999", LAST.replace(tzinfo=None)),
    ],
)
def test_what_is_finer_than_a_microsecond_is_cut_off(text: str, expected: datetime) -> None:
    parsed = times.parse(text)
    assert (parsed, parsed.tzinfo is None) == (expected, expected.tzinfo is None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1767225599",
        "2026-12-31",
        "2026-12-31T23:59",
        "2026-12-31T23:59:61Z",
        "2026-12-31T24:00:00Z",
        "2026-12-31T23:60:60Z",
        "2026-13-31T23:59:60Z",
        "2026-12-31T23:59:59.Z",
        "2026-12-31T23:59:59.9999999 Z",
        "２026-12-31T23:59:59.9999999Z",
    ],
)
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError):
        times.parse(text)


@given(st.datetimes(timezones=st.just(UTC)), st.text("0123456789", max_size=12))
def test_more_digits_never_move_a_time(moment: datetime, more: str) -> None:
    text = f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}{more}Z"
    assert times.parse(text) == moment


def test_other_texts_stay_as_they_are() -> None:
    for text in ("23:59:60", "at 2026-12-31T23:59:60Z", "2026-12-31T23:59:59.123456Z", "x" * 100_000):
        assert times.exact(text) == text
