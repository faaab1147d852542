"""Times as texts: RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339), to the microsecond.

Digits beyond a microsecond are cut off, never rounded, so that 23:59:59.9999999 stays in its day. A leap second, :60
(section 5.7), becomes the last microsecond of its minute.
"""

import re
from datetime import UTC, datetime

import msgspec

_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:)(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
_MICROSECOND_DIGITS = 6


def parse(text: str) -> datetime:
    """The time, without a zone if the text has no offset. Raises ValueError."""
    try:
        return msgspec.convert(exact(text), datetime)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def exact(text: str) -> str:
    """The text of a time, changed so that every parser reads the same microsecond. Other texts stay unchanged."""
    match = _TIME.fullmatch(text)
    if match is None:
        return text
    minute, second, fraction, offset = match.groups(default="")
    if second == "60":
        return f"{minute}59.999999{offset}"
    if len(fraction) > _MICROSECOND_DIGITS:
        return f"{minute}{second}.{fraction[:_MICROSECOND_DIGITS]}{offset}"
    return text


def in_seconds(moment: datetime) -> str:
    """The time for use in a sentence: in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
