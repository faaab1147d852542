"""Logging of the server's events: one JSON object per line on standard error. Requests have a separate log.

Of an exception, the log has the type and the traceback, but not the text. The texts of PostgreSQL and Python quote
values, which may be personal data.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import msgspec
import structlog

LONGEST_MESSAGE = 200
_POSTGRES_ATTRIBUTES = ("sqlstate", "constraint_name", "table_name", "column_name")

Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def configure() -> None:
    """Configures structlog and the logging of libraries."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe_exception,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_LibrariesHandler()], level=logging.WARNING, force=True)


def described(error: BaseException) -> list[dict[str, Any]]:
    """The exception and its causes, the last one first: type, PostgreSQL's attributes, and the traceback."""
    errors: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        attributes = {name: getattr(current, name, None) for name in _POSTGRES_ATTRIBUTES}
        calls = traceback.extract_tb(current.__traceback__)
        errors.append(
            {
                "type": f"{kind.__module__}.{kind.__qualname__}",
                **{name: value for name, value in attributes.items() if isinstance(value, str)},
                "calls": [f"{call.filename}:{call.lineno} {call.name}" for call in calls],
            }
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return errors


class _LibrariesHandler(logging.Handler):
    """Writes the messages of uvicorn, asyncio and other libraries in our format. Only the first line is kept, as
    further lines may quote exceptions."""

    def emit(self, record: logging.LogRecord) -> None:
        message = (record.getMessage().splitlines() or [""])[0][:LONGEST_MESSAGE]
        log = structlog.get_logger()
        log.log(record.levelno, message, logger=record.name, exc_info=record.exc_info)


def _describe_exception(_logger: Any, _method: str, event: Any) -> Any:
    exc_info = event.pop("exc_info", None)
    raised: Raised | tuple[None, None, None] = (None, None, None)
    if isinstance(exc_info, tuple):
        raised = exc_info
    elif isinstance(exc_info, BaseException):
        raised = (type(exc_info), exc_info, exc_info.__traceback__)
    elif exc_info:
        raised = sys.exc_info()
    if raised[1] is not None:
        event["exception"] = described(raised[1])
    return event


def _encode(event: dict[str, Any], **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()
