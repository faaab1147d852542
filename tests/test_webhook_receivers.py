"""The example receivers, and the verification in the TypeScript client, as processes of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from laurels.delivery.webhooks.signing import secret_of, signed_headers
from tests.support import tool
from tests.test_typescript_client import built  # noqa: F401

EXAMPLES = Path(__file__).parents[1] / "examples"
SECRET = secret_of(b"a" * 32)
OLD_SECRET = secret_of(b"b" * 32)


@pytest.fixture(params=["python", "node"])
def receiver(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    program = {"python": [sys.executable, "receiver.py"], "node": ["node", "receiver.mjs"]}[request.param]
    tool(program[0])
    process = subprocess.Popen(
        program,
        cwd=EXAMPLES,
        env=os.environ | {"LAURELS_SECRET": SECRET, "PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield httpx.Client(base_url=process.stdout.readline().split()[-1])
    finally:
        process.kill()
        process.wait()


def event(id_: str, sequence: int | None, type_: str = "points.awarded", **data: Any) -> dict[str, Any]:
    return {"id": id_, "type": type_, "participant_id": "ada", "sequence": sequence, "data": data}


def deliver(
    receiver: httpx.Client, sent: dict[str, Any], secrets: tuple[str, ...] = (SECRET,), ago_seconds: int = 0
) -> int:
    body = json.dumps(sent).encode()
    headers = signed_headers(secrets, sent["id"], int(time.time()) - ago_seconds, body)
    return receiver.post("/", content=body, headers=headers).status_code


def test_events_are_handled_once_and_in_order(receiver: httpx.Client) -> None:
    for sent in (
        event("a", 1, balance_after=10),
        event("c", 3, balance_after=30),
        event("c", 3, balance_after=30),
        event("b", 2, balance_after=20),
        event("d", 4, "tier.changed", code="gold"),
        event("e", None),
    ):
        assert deliver(receiver, sent) == 200
    [person] = receiver.get("/").json().values()
    assert (person["balance"], person["tier"]) == (30, "gold")
    assert [sequence for sequence, _ in person["events"]] == [1, 2, 3, 4]


@pytest.mark.parametrize("type_", ["participant.deleted", "participant.anonymised"])
def test_an_erased_person_who_comes_back_is_another_one(receiver: httpx.Client, type_: str) -> None:
    for sent in (
        event("a", 7, balance_after=70),
        event("b", None, type_),
        event("c", 1, balance_after=10),
    ):
        assert deliver(receiver, sent) == 200
    [person] = receiver.get("/").json().values()
    assert (person["balance"], [sequence for sequence, _ in person["events"]]) == (10, [1])


def test_requests_that_are_not_verified_are_refused(receiver: httpx.Client) -> None:
    assert deliver(receiver, event("a", 1), (OLD_SECRET,)) == 400
    assert deliver(receiver, event("a", 1), ago_seconds=400) == 400
    assert deliver(receiver, event("a", 1), ago_seconds=-400) == 400
    assert receiver.post("/", json=event("a", 1)).status_code == 400
    assert receiver.get("/").json() == {}
    assert deliver(receiver, event("a", 1), (OLD_SECRET, SECRET)) == 200


def test_the_verification_of_the_typescript_client(built: Path) -> None:  # noqa: F811
    body = json.dumps({"text": "ä"})
    headers = signed_headers([OLD_SECRET, SECRET], "msg_1", 1_000, body.encode())
    cases: list[tuple[dict[str, str], str, Any, int, str]] = [
        (headers, body, SECRET, 1_000, "verified"),
        ({name.title(): value for name, value in headers.items()}, body, OLD_SECRET, 1_300, "verified"),
        (headers, body, ["whsec_AAAA", SECRET], 700, "verified"),
        (headers, body, SECRET, 1_301, "NotVerifiedError"),
        (headers, body, SECRET, 699, "NotVerifiedError"),
        (headers, body + " ", SECRET, 1_000, "NotVerifiedError"),
        (headers, body, "whsec_AAAA", 1_000, "NotVerifiedError"),
        (headers | {"webhook-id": "msg_2"}, body, SECRET, 1_000, "NotVerifiedError"),
        (headers | {"webhook-signature": "v1,! v2,x"}, body, SECRET, 1_000, "NotVerifiedError"),
        ({}, body, SECRET, 1_000, "NotVerifiedError"),
        (headers, body, "whsec_", 1_000, "TypeError"),
        (headers, body, "whsec_!", 1_000, "TypeError"),
    ]
    given = json.dumps([case[:4] for case in cases])
    command = [tool("node"), "out/webhooks.js"]
    done = subprocess.run(command, cwd=built, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [case[4] for case in cases]
