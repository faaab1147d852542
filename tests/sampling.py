"""Which of the tests that are made from the endpoints `make test` runs."""

import re

import pytest

from laurels.app import COMPOSITION

OPERATIONS = {(endpoint.method, endpoint.path): endpoint.operation for endpoint in COMPOSITION.endpoints}

# One function makes the endpoints of all kinds of definitions: those of badges stand for all. A simulation starts a
# process; it has tests of its own.
REPRESENTED = re.compile(
    "(list|get|create|update|delete|restore)_(tier|streak|leaderboard|rule|reward|earning_cap|challenge|webhook)s?"
    "|simulate_definitions"
)


def is_represented(item: pytest.Item) -> bool:
    """Whether the test is one endpoint's, and another endpoint stands for it in `make test`."""
    operation = _operation(item)
    return operation is not None and REPRESENTED.fullmatch(operation) is not None


def _operation(item: pytest.Item) -> str | None:
    given = item.callspec.params if hasattr(item, "callspec") else {}
    if "endpoint" in given:
        return str(given["endpoint"].operation)
    if "operation" in given:
        return str(given["operation"])
    return OPERATIONS.get((given.get("method"), given.get("path")))
