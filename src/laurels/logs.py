"""Logs: one JSON object a line on standard error, of the server's own events. Requests have their own line each.

Of an exception its type and where it was raised are told, but not its text: PostgreSQL's and Python's quote the values
they are about, and those may be people's.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import msgspec
import structlog

LONGEST_MESSAGE = 200
_KNOWN_OF_POSTGRES = ("sqlstate", "constraint_name", "table_name", "column_name")

Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def configure() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_exception,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_LibrariesHandler()], level=logging.WARNING, force=True)


def described(error: BaseException) -> list[dict[str, Any]]:
    """The exception and those that led to it, the last first: type, what PostgreSQL names, and the calls."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        known = {name: getattr(current, name, None) for name in _KNOWN_OF_POSTGRES}
        calls = traceback.extract_tb(current.__traceback__)
        found.append(
            {
                "type": f"{kind.__module__}.{kind.__qualname__}",
                **{name: value for name, value in known.items() if isinstance(value, str)},
                "calls": [f"{call.filename}:{call.lineno} {call.name}" for call in calls],
            }
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


class _LibrariesHandler(logging.Handler):
    """What uvicorn, asyncio and others log, in our form: the first line, as further ones quote exceptions."""

    def emit(self, record: logging.LogRecord) -> None:
        message = (record.getMessage().splitlines() or [""])[0][:LONGEST_MESSAGE]
        log = structlog.get_logger()
        log.log(record.levelno, message, logger=record.name, exc_info=record.exc_info)


def _tell_exception(_logger: Any, _method: str, event: Any) -> Any:
    given = event.pop("exc_info", None)
    raised: Raised | tuple[None, None, None] = (None, None, None)
    if isinstance(given, tuple):
        raised = given
    elif isinstance(given, BaseException):
        raised = (type(given), given, given.__traceback__)
    elif given:
        raised = sys.exc_info()
    if raised[1] is not None:
        event["exception"] = described(raised[1])
    return event


def _encode(event: dict[str, Any], **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()
