"""The server against its own document by schemathesis, with all of its checks and a project that has one of everything.

What is known (participants, definitions, keys) comes up in half of the cases. Deletes are among them: what is deleted
is made anew by other cases.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.checks import make_key
from tests.populated import populate
from tests.support import ADMIN_KEY, Server, check

# Where fields depend on one another, or texts have to name something, which a schema cannot say: 422 for what each of
# them allows alone.
RULES_BETWEEN_FIELDS = [
    "change_project",
    "create_badge",
    "create_challenge",
    "create_earning_cap",
    "create_leaderboard",
    "create_reward",
    "create_rule",
    "create_tier",
    "daily_statistics",
    "daily_statistics_csv",
    "leaderboard_among",
    "create_webhook",
    "leaderboard_standings",
    "move_clock",
    "participant_rank",
    "revoke_reward_codes",
    "simulate_definitions",
    "update_badge",
    "update_challenge",
    "update_earning_cap",
    "update_leaderboard",
    "update_reward",
    "update_rule",
    "update_tier",
    "update_webhook",
    "upload_reward_codes",
    "validate_expression",
]
# Where an optional field inside an object may be null, which the schema, as responses have it too, does not say.
NULLS_INSIDE = {"create_challenge", "create_rule", "create_tier"}
ACCEPTED = ["2xx", "400", "401", "403", "404", "409"]


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(method, path, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def accepts(*statuses: str) -> dict[str, Any]:
    return {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, *statuses]}}


def exceptions(document: Any) -> list[dict[str, Any]]:
    """What single operations may do. Every entry has to be of use: an unknown operation is an error."""
    named = {operation["operationId"]: operation for _, _, operation in operations(document)}
    assert set(RULES_BETWEEN_FIELDS) <= named.keys()
    keyed = [
        name
        for name, operation in named.items()
        if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", []))
    ]
    # Cursors are those of responses alone, and a page by number may only be so far from the beginning.
    paged = [
        name for name, operation in named.items() if any(p["name"] == "after" for p in operation.get("parameters", []))
    ]
    # A key that was used for another request, or one in the body and another in the header.
    found: list[dict[str, Any]] = [
        {"include-operation-id": name, "checks": accepts("422")}
        for name in {*RULES_BETWEEN_FIELDS, *keyed, *paged} - NULLS_INSIDE
    ]
    found += [
        {
            "include-operation-id": name,
            "checks": {"negative_data_rejection": {"expected-statuses": ["201", "4xx"]}, **accepts("422")},
        }
        for name in NULLS_INSIDE
    ]
    found += [{"include-operation-id": name, "checks": accepts("302")} for name in ("root", "docs_folder", "console")]
    # Items are refused one by one, in an answer of 200.
    found += [
        {
            "include-operation-id": name,
            "checks": {"negative_data_rejection": {"expected-statuses": ["200", "4xx"]}, **accepts()},
        }
        for name in ("award_points_batch", "record_event_batch")
    ]
    # What was made a moment ago has not been deleted.
    found += [
        {"include-operation-id": name, "checks": {"ensure_resource_availability": {"enabled": False}, **accepts()}}
        for name in named
        if name.startswith("restore_")
    ]
    return found


def configuration(document: Any, known: dict[str, str]) -> dict[str, Any]:
    names = {name: [value] for name, value in known.items()}
    names["participant_id"].append("another")
    return {
        "checks": accepts(),
        "operations": exceptions(document),
        "dictionaries": {name: {"values": values} for name, values in names.items()},
        "parameters": {
            f"{place}.{name}": {"dictionary": name, "probability": 0.5}
            for name in names
            for place in (("path", "body") if name == "participant_id" else ("path",))
        },
    }


def toml(value: Any) -> str:
    """Inline: every JSON value but null and tables is TOML as well."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


@pytest.fixture(scope="module")
def config_file(server: Server, api: httpx.Client, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    document = httpx.get(f"{server.base_url}/openapi.json").json()
    # A stream does not end by itself; test_feed_stream.py has its tests.
    del document["paths"]["/api/v1/gamify/feed/stream"]
    api.post("/points/award", json={"participant_id": "another", "amount": 500_000}).raise_for_status()
    file = tmp_path_factory.mktemp("schemathesis") / "schemathesis.toml"
    # With the document's relative server schemathesis takes parameters that are ignored for refusals that fail.
    (file.parent / "openapi.json").write_text(json.dumps({**document, "servers": [{"url": server.base_url}]}))
    lines = [f"{name} = {toml(value)}\n" for name, value in configuration(document, populate(api)).items()]
    file.write_text("".join(lines))
    # So that no case revokes the last one that administers the project.
    make_key(database_url, "operator")
    return file


def run(server: Server, config_file: Path, *arguments: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config_file)),
            *("run", "openapi.json", "--url", server.base_url, "--header", f"X-API-Key: {ADMIN_KEY}"),
            *("--checks", "all", "--no-color", "--warnings", "off", "--request-timeout", "60"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=config_file.parent,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]


# The kinds of definitions share these; here those of badges stand for all.
SHARED = "^(list|get|delete|restore)_(tier|streak|leaderboard|rule|reward|earning_cap|challenge|webhook)s?$"


# And in `make test` these for all.
SAMPLED = (
    "^((award|deduct|hold)_points|reverse_transaction|record_(event|streak)|claim_reward|(create|update)_badge"
    "|register_participant)$"
)


@pytest.mark.more_cases
def test_at_the_borders(server: Server, config_file: Path, database_url: str, all_cases: bool) -> None:
    """For every field the values at and beyond its borders."""
    arguments = ("--phases", "coverage", "--workers", "2", "--generation-deterministic")
    chosen = ("--exclude-operation-id-regex", SHARED) if all_cases else ("--include-operation-id-regex", SAMPLED)
    run(server, config_file, *arguments, *chosen)
    check(database_url)


@pytest.mark.slow
def test_in_all_ways(server: Server, config_file: Path, database_url: str) -> None:
    """Examples, borders, and at random with another seed each time, which the output names; calls that follow from one
    another, too."""
    run(server, config_file, "--max-examples", "200", "--generation-database", "none")
    check(database_url)
