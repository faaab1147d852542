"""Webhooks: events sent to receivers over real connections, by a server and its delivering process."""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import psycopg
import pytest
from standardwebhooks.webhooks import Webhook

from laurels.delivery import retention_job
from laurels.engine.jobs.job import Left, Tools
from laurels.storage.postgres.database import connect_one
from tests.checks import assert_refused, make_key, query
from tests.processes import laurels
from tests.receiver import Received, Receiver, Response
from tests.support import Server, check, eventually


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Server]:
    with Server(database_url, webhook_networks="127.0.0.0/8") as running:
        yield running


@pytest.fixture
def project(database_url: str) -> str:
    code = f"hooks_{uuid4().hex[:8]}"
    done = laurels("projects", "create", code, "--mode", "test", "--database-url", database_url)
    assert done.returncode == 0, done.stderr
    return code


@pytest.fixture
def api(server: Server, database_url: str, project: str) -> Iterator[httpx.Client]:
    with server.client(make_key(database_url, "admin", project=project)) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def assert_code(reply: httpx.Response, status: int, code: str) -> None:
    assert_refused(reply, status)
    assert reply.json()["code"] == code


def create(api: httpx.Client, url: str, *types: str, code: str = "crm", **fields: Any) -> dict[str, Any]:
    body = {"code": code, "name": "CRM", "url": url, "types": types or ["points.awarded"], **fields}
    reply = api.post("/admin/webhooks", json=body)
    assert reply.status_code == 201, reply.text
    created: dict[str, Any] = reply.json()
    return created


def award(api: httpx.Client, participant_id: str = "ada", amount: int = 1) -> None:
    reply = api.post("/points/award", json={"participant_id": participant_id, "amount": amount})
    assert reply.status_code == 200, reply.text


def wait_for(receiver: Receiver, requests: int, seconds: float = 30) -> list[Received]:
    deadline = time.monotonic() + seconds
    while len(receiver.received) < requests:
        assert time.monotonic() < deadline, f"only {len(receiver.received)} requests"
        time.sleep(0.02)
    return receiver.received


def deliveries(api: httpx.Client, code: str = "crm", **parameters: Any) -> list[dict[str, Any]]:
    reply = api.get(f"/admin/webhooks/{code}/deliveries", params=parameters)
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items[::-1]


def states(api: httpx.Client, code: str = "crm") -> list[str]:
    return [delivery["state"] for delivery in deliveries(api, code, page_size=100)]


def settled(api: httpx.Client, number: int, code: str = "crm") -> list[dict[str, Any]]:
    """So many deliveries, none of which waits."""
    eventually(lambda: len(states(api, code)) == number and "waiting" not in states(api, code))
    return deliveries(api, code, page_size=100)


def test_a_signed_event(api: httpx.Client, receiver: Receiver) -> None:
    receiver.respond = lambda _: Response(200, b"thanks")
    webhook = create(api, receiver.url, headers={"X-Team": "crm"}, signature_header="X-Signature")
    award(api, amount=7)
    [request] = wait_for(receiver, 1)
    assert Webhook(webhook["secret"]).verify(request.body, request.headers) == request.event
    event = request.event
    assert (event["type"], event["participant_id"], event["data"]["amount"]) == ("points.awarded", "ada", 7)
    assert event["data"]["balance_after"] == 7
    assert request.id == event["id"]
    assert request.number == 1
    assert (request.headers["x-team"], request.headers["content-type"]) == ("crm", "application/json")
    assert request.headers["x-signature"].startswith("sha256=")
    [delivery] = settled(api, 1)
    [attempt] = delivery["attempts"]
    assert (attempt["status"], attempt["failure"], attempt["response"]) == (200, None, "thanks")
    assert (delivery["event_id"], delivery["delivery_number"]) == (event["id"], 1)
    assert api.get("/admin/webhooks/crm/deliveries/1").json() == delivery


def test_the_secret_is_shown_once(api: httpx.Client, receiver: Receiver) -> None:
    webhook = create(api, receiver.url)
    assert webhook["secret"].startswith("whsec_")
    for shown in (api.get("/admin/webhooks/crm").json(), *api.get("/admin/webhooks").json()["items"]):
        assert shown["secret"] is None
    changed = api.patch("/admin/webhooks/crm", json={"description": "Ours"}).json()
    assert (changed["secret"], changed["description"]) == (None, "Ours")
    log = api.get("/admin/audit-log").text
    assert webhook["secret"] not in log


def rotate(api: httpx.Client, valid_hours: int = 24) -> str:
    reply = api.post("/admin/webhooks/crm/rotate", json={"valid_hours": valid_hours})
    assert reply.status_code == 200, reply.text
    secret: str = reply.json()["secret"]
    return secret


def assert_signed(request: Received, secrets: list[str]) -> None:
    """The request has a signature with each of these secrets, and no other."""
    for secret in secrets:
        Webhook(secret).verify(request.body, request.headers)
    assert len(request.headers["webhook-signature"].split(" ")) == len(secrets)


def test_a_secret_is_rotated_with_two_valid_ones(api: httpx.Client, receiver: Receiver) -> None:
    old = create(api, receiver.url)["secret"]
    award(api)
    assert_signed(wait_for(receiver, 1)[0], [old])
    new = rotate(api, 1)
    assert new != old
    award(api)
    assert_signed(wait_for(receiver, 2)[1], [old, new])
    last = rotate(api, 0)
    award(api)
    assert_signed(wait_for(receiver, 3)[2], [last])
    log = api.get("/admin/audit-log", params={"kind": "webhook", "action": "rotate"})
    assert log.json()["total"] == 2
    assert last not in log.text


def test_all_old_secrets_sign_until_the_latest_of_their_ends(
    api: httpx.Client, receiver: Receiver, database_url: str
) -> None:
    webhook = create(api, receiver.url)
    secrets, ends = [webhook["secret"]], []
    for valid_hours in (48, 1):
        rotated = api.post("/admin/webhooks/crm/rotate", json={"valid_hours": valid_hours}).json()
        secrets.append(rotated["secret"])
        ends.append(rotated["old_secret_until"])
    assert ends[0] == ends[1]
    award(api)
    assert_signed(wait_for(receiver, 1)[0], secrets)
    change = (
        "UPDATE webhook SET old_secret = repeat(old_secret || ' ', %s), old_secret_until = now() + %s WHERE id = %s"
    )
    query(database_url, f"{change} RETURNING 1", 1, timedelta(0), webhook["id"])
    award(api)
    assert_signed(wait_for(receiver, 2)[1], secrets[-1:])
    query(database_url, f"{change} RETURNING 1", 5, timedelta(hours=1), webhook["id"])
    refused = api.post("/admin/webhooks/crm/rotate", json={})
    assert_refused(refused, 422)
    assert refused.json()["errors"][0]["field"] == "valid_hours"
    last = rotate(api, 0)
    award(api)
    assert_signed(wait_for(receiver, 3)[2], [last])


def test_a_delivery_in_memory_is_signed_with_the_secrets_of_its_time(api: httpx.Client, receiver: Receiver) -> None:
    is_rotated = threading.Event()

    def respond(_: Received) -> Response:
        is_rotated.wait(20)
        return Response()

    receiver.respond = respond
    old = create(api, receiver.url)["secret"]
    for _ in range(2):
        award(api)
    wait_for(receiver, 1)
    new = rotate(api)
    is_rotated.set()
    first, second = wait_for(receiver, 2)
    assert_signed(first, [old])
    assert_signed(second, [old, new])


def test_only_the_chosen_types_arrive(api: httpx.Client, receiver: Receiver) -> None:
    create(api, receiver.url, "points.deducted", "participant.created")
    award(api)
    api.post("/points/deduct", json={"participant_id": "ada", "amount": 1})
    assert {request.event["type"] for request in wait_for(receiver, 2)} == {"participant.created", "points.deducted"}
    assert [each["delivery_number"] for each in settled(api, 2)] == [1, 2]


def test_all_types_arrive(api: httpx.Client, receiver: Receiver) -> None:
    create(api, receiver.url, "*")
    api.post("/admin/badges", json={"code": "a", "name": "A"})
    award(api)
    types = [request.event["type"] for request in wait_for(receiver, 3)]
    assert sorted(types) == ["definition.changed", "participant.created", "points.awarded"]


def test_a_failed_attempt_is_repeated_with_the_same_id(api: httpx.Client, receiver: Receiver) -> None:
    receiver.respond = lambda _: Response(500 if len(receiver.received) == 1 else 204)
    create(api, receiver.url)
    award(api)
    first, second = wait_for(receiver, 2)
    assert (first.id, first.number, first.body) == (second.id, second.number, second.body)
    assert 5 <= second.at - first.at < 15
    [delivery] = settled(api, 1)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 204]


def test_events_of_a_participant_wait_for_one_another(api: httpx.Client, receiver: Receiver) -> None:
    """While those of others arrive."""

    def respond(request: Received) -> Response:
        earlier = [each for each in receiver.received if each.event["participant_id"] == "ada"]
        return Response(500 if request.event["participant_id"] == "ada" and len(earlier) == 1 else 200)

    receiver.respond = respond
    create(api, receiver.url)
    for amount in (1, 2, 3):
        award(api, "ada", amount)
    award(api, "ben", 9)
    received = wait_for(receiver, 5)
    amounts = [request.event["data"]["amount"] for request in received if request.event["participant_id"] == "ada"]
    assert amounts == [1, 1, 2, 3]
    assert received[-3].event["participant_id"] == "ada"
    assert [each["delivery_number"] for each in settled(api, 4)] == [1, 2, 3, 4]


def test_a_dead_and_a_hanging_receiver_delay_no_other(api: httpx.Client, receiver: Receiver) -> None:
    with Receiver(lambda _: Response(after_seconds=14)) as hanging, Receiver() as gone:
        gone.stop()
        create(api, hanging.url, code="hanging")
        create(api, gone.url, code="gone")
        create(api, receiver.url)
        time.sleep(1.5)
        for number in range(30):
            award(api, f"person_{number}")
        began = time.monotonic()
        wait_for(receiver, 30)
        assert time.monotonic() - began < 5
        assert len(hanging.received) > 1


def test_a_receiver_that_fails_is_asked_rarely_until_it_is_back(api: httpx.Client, receiver: Receiver) -> None:
    receiver.respond = lambda _: Response(503)
    create(api, receiver.url)
    for number in range(80):
        award(api, f"person_{number}")
    time.sleep(8)
    assert len(receiver.received) < 80
    assert api.get("/admin/webhooks/crm").json()["failing_since"] is not None
    receiver.respond = lambda _: Response(200)
    settled(api, 80)
    assert api.get("/admin/webhooks/crm").json()["failing_since"] is None
    assert {request.number for request in receiver.received} == set(range(1, 81))


def test_a_test_event(api: httpx.Client, receiver: Receiver) -> None:
    secret = create(api, receiver.url)["secret"]
    reply = api.post("/admin/webhooks/crm/test")
    assert (reply.status_code, reply.json()["type"]) == (201, "webhook.tested")
    [request] = wait_for(receiver, 1)
    assert Webhook(secret).verify(request.body, request.headers)["data"] == {"webhook_code": "crm"}
    assert request.id == reply.json()["event_id"]
    settled(api, 1)
    api.patch("/admin/webhooks/crm", json={"is_active": False})
    assert_code(api.post("/admin/webhooks/crm/test"), 409, "webhook_inactive")


def test_an_event_is_sent_again(api: httpx.Client, receiver: Receiver) -> None:
    create(api, receiver.url)
    award(api)
    settled(api, 1)
    again = api.post("/admin/webhooks/crm/deliveries/1/resend")
    assert (again.status_code, again.json()["delivery_number"]) == (201, 2)
    first, second = wait_for(receiver, 2)
    assert (first.id, first.body) == (second.id, second.body)
    assert [request.number for request in receiver.received] == [1, 2]
    settled(api, 2)
    for number in ("3", "0", "01", "+1", "1.0", "%D9%A1", "1%20", "-1", "x", "9" * 30):
        reply = api.post(f"/admin/webhooks/crm/deliveries/{number}/resend")
        assert_code(reply, 404, "delivery_not_found")
        assert_code(api.get(f"/admin/webhooks/crm/deliveries/{number}"), 404, "delivery_not_found")


def test_events_since_a_time_are_sent_again(api: httpx.Client, receiver: Receiver) -> None:
    create(api, receiver.url)
    award(api, amount=1)
    settled(api, 1)
    time.sleep(0.1)
    since = time.time()
    for amount in (2, 3):
        award(api, amount=amount)
    settled(api, 3)
    reply = api.post("/admin/webhooks/crm/resend", json={"since": _iso(since)})
    assert reply.status_code == 200, reply.text
    amounts = [request.event["data"]["amount"] for request in wait_for(receiver, 5)]
    assert amounts == [1, 2, 3, 2, 3]
    assert [each["delivery_number"] for each in settled(api, 5)] == [1, 2, 3, 4, 5]
    assert receiver.received[1].id == receiver.received[3].id
    create(api, receiver.url, code="new")
    api.post("/admin/webhooks/new/resend", json={"since": _iso(0)})
    assert len(settled(api, 3, "new")) == 3
    api.post("/admin/webhooks/crm/resend", json={"since": _iso(time.time() + 60)})
    award(api, amount=4)
    settled(api, 6)


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1_000_000):06d}Z"


def test_gone_switches_a_webhook_off(api: httpx.Client, receiver: Receiver) -> None:
    with Receiver(lambda _: Response(410)) as gone:
        create(api, gone.url, code="gone")
        create(api, receiver.url, "webhook.disabled")
        award(api)
        [request] = wait_for(receiver, 1)
        assert request.event["data"]["webhook_code"] == "gone"
        assert request.event["data"]["reason"] == "gone"
        shown = api.get("/admin/webhooks/gone").json()
        assert (shown["is_active"], shown["disabled_reason"]) == (False, "gone")
        assert states(api, "gone") == ["failed"]
        assert deliveries(api, "gone")[0]["next_attempt_at"] is None
        [entry] = api.get("/admin/audit-log", params={"code": "gone", "action": "change"}).json()["items"]
        assert (entry["actor"], entry["after"]) == ("server", {"is_active": False})
        award(api)
        gone.respond = lambda _: Response(200)
        changed = api.patch("/admin/webhooks/gone", json={"is_active": True}).json()
        assert changed["disabled_reason"] is None
        award(api, amount=5)
        assert wait_for(gone, 2)[1].event["data"]["amount"] == 5
        assert len(gone.received) == 2


def test_deliveries_of_a_webhook_that_is_off_have_no_next_attempt(api: httpx.Client, receiver: Receiver) -> None:
    receiver.respond = lambda _: Response(500, headers={"Retry-After": "600"})
    create(api, receiver.url)
    award(api)
    eventually(lambda: len(deliveries(api)) == 1 and len(deliveries(api)[0]["attempts"]) == 1)
    [planned] = deliveries(api)
    assert planned["next_attempt_at"] is not None
    for is_active, shown in (False, {**planned, "next_attempt_at": None}), (True, planned):
        assert api.patch("/admin/webhooks/crm", json={"is_active": is_active}).status_code == 200
        assert deliveries(api) == [api.get("/admin/webhooks/crm/deliveries/1").json()] == [shown]


def test_five_days_without_success_switch_a_webhook_off(
    api: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    receiver.respond = lambda _: Response(500)
    webhook = create(api, receiver.url)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE webhook SET failing_since = now() - interval '5 days' WHERE id = %s", (webhook["id"],)
        )
    time.sleep(0.1)
    award(api)
    eventually(lambda: not api.get("/admin/webhooks/crm").json()["is_active"])
    assert api.get("/admin/webhooks/crm").json()["disabled_reason"] == "no_success_in_five_days"


def test_past_events_arrive_only_if_asked_for(
    api: httpx.Client, database_url: str, project: str, receiver: Receiver, tmp_path: Path
) -> None:
    with Receiver() as historian:
        create(api, receiver.url)
        create(api, historian.url, code="historian", include_historical=True)
        file = tmp_path / "awards.csv"
        file.write_text("id,participant_id,amount,at\n1,ada,7,2024-01-01T00:00:00Z\n")
        arguments = ("--project", project, "--database-url", database_url)
        done = laurels(
            "import", str(file), "--amount", "amount", "--timestamp", "at", "--key", "id", *arguments,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        [request] = wait_for(historian, 1)
        assert request.event["historical"] is True
        award(api)
        assert wait_for(receiver, 1)[0].event["historical"] is False
        assert len(settled(api, 1)) == 1


def test_an_erasure_redacts_deliveries(api: httpx.Client, receiver: Receiver, database_url: str) -> None:
    receiver.respond = lambda request: Response(500, b"no " + request.event["participant_id"].encode())
    create(api, receiver.url)
    award(api)
    wait_for(receiver, 1)
    eventually(lambda: bool(deliveries(api)[0]["attempts"]))
    assert deliveries(api)[0]["attempts"][0]["response"] == "no ada"
    receiver.respond = lambda _: Response(200)
    assert api.delete("/admin/participants/ada?anonymize=true").status_code == 200
    [delivery] = settled(api, 1)
    assert [attempt["response"] for attempt in delivery["attempts"]] == [None] * len(delivery["attempts"])
    assert "ada" not in str(receiver.received[-1].event)
    rows = query(database_url, "SELECT line FROM webhook_delivery v JOIN project p ON p.id = v.project_id "
                 "JOIN definition d ON d.id = v.webhook_id WHERE v.attempts::text LIKE '%no ada%'")  # fmt: skip
    assert not rows


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/",
        "http://[fd00:ec2::254]/", "http://0.0.0.0/", "http://100.64.0.1/", "http://224.0.0.1/",
        "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://2130706434/",
        "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "ftp://example.com/", "https://a:b@example.com/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_when_saved(api: httpx.Client, url: str) -> None:
    body = {"code": "crm", "name": "CRM", "url": url, "types": ["*"]}
    reply = api.post("/admin/webhooks", json=body)
    assert_code(reply, 422, "invalid_request")
    assert [error["field"] for error in reply.json()["errors"]] == ["url"]
    assert api.get("/admin/webhooks").json()["total"] == 0


def test_a_private_address_is_refused_when_the_webhook_is_switched_on(api: httpx.Client) -> None:
    create(api, "http://10.0.0.1/", is_active=False)
    assert_code(api.patch("/admin/webhooks/crm", json={"is_active": True}), 422, "invalid_request")
    assert api.patch("/admin/webhooks/crm", json={"name": "CRM of the office"}).status_code == 200


def test_a_private_address_is_refused_when_changed(api: httpx.Client) -> None:
    create(api, "https://receiver.example/", is_active=False)
    for change in ({"url": "http://10.0.0.1/", "is_active": True}, {"url": "http://localhost:1/a b"}):
        assert_code(api.patch("/admin/webhooks/crm", json=change), 422, "invalid_request")


@pytest.mark.parametrize(
    "fields",
    [
        {"types": []}, {"types": ["points.invented"]}, {"headers": {"Host": "x"}}, {"headers": {"Content-Length": "1"}},
        {"headers": {"Webhook-Id": "x"}}, {"headers": {"a b": "x"}}, {"headers": {"a": "x\r\ny: z"}},
        {"headers": {"a": "ä"}}, {"headers": {"a": "1", "A": "2"}}, {"headers": {"": "x"}}, {"headers": {"a": ""}},
        {"headers": {f"a{number}": "x" for number in range(21)}}, {"signature_header": "webhook-signature"},
        {"signature_header": "X:"}, {"headers": {"X": "y"}, "signature_header": "x"}, {"name": ""},
        {"url": "https://a.example/" + "a" * 2_000},
    ],
)  # fmt: skip
def test_wrong_fields_are_refused(api: httpx.Client, fields: dict[str, Any]) -> None:
    body = {"code": "crm", "name": "CRM", "url": "https://a.example", "types": ["*"], **fields}
    reply = api.post("/admin/webhooks", json=body)
    assert_code(reply, 422, "invalid_request")
    [error] = reply.json()["errors"]
    assert error["field"].startswith([*fields][-1])


def test_webhooks_in_a_definitions_file(
    api: httpx.Client, database_url: str, project: str, receiver: Receiver, tmp_path: Path
) -> None:
    create(api, receiver.url, "points.awarded", "tier.changed")
    common = ("--project", project, "--database-url", database_url)
    exported = laurels("export", *common).stdout
    assert "whsec_" not in exported
    assert receiver.url in exported
    file = tmp_path / "definitions.yaml"
    file.write_text(exported.replace("code: crm", "code: other"))
    networks = {"LAURELS_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    refused = laurels("plan", str(file), *common)
    assert refused.returncode != 0
    assert "public address" in refused.stdout + refused.stderr
    applied = laurels("apply", str(file), "--yes", *common, **networks)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    [webhook] = api.get("/admin/webhooks").json()["items"]
    assert webhook["code"] == "other"
    secret = api.post("/admin/webhooks/other/rotate", json={"valid_hours": 0}).json()["secret"]
    time.sleep(1.5)
    award(api)
    [request] = wait_for(receiver, 1)
    Webhook(secret).verify(request.body, request.headers)


def test_a_deleted_webhook_receives_nothing_until_it_is_restored(api: httpx.Client, receiver: Receiver) -> None:
    webhook = create(api, receiver.url)
    assert api.delete("/admin/webhooks/crm").status_code == 200
    award(api, amount=1)
    assert api.post(f"/admin/webhooks/{webhook['id']}/restore").status_code == 200
    award(api, amount=2)
    [request] = wait_for(receiver, 1)
    assert request.event["data"]["amount"] == 2
    Webhook(webhook["secret"]).verify(request.body, request.headers)


def test_metrics(api: httpx.Client, server: Server, receiver: Receiver) -> None:
    create(api, receiver.url)
    award(api)
    settled(api, 1)
    metrics = httpx.get(f"{server.base_url}/metrics").text
    assert 'laurels_webhook_attempts_total{outcome="success"}' in metrics
    for name in ("laurels_webhook_waiting_deliveries", "laurels_webhook_waiting_seconds"):
        assert name in metrics


def test_a_type_that_was_added_counts_from_the_response_on(api: httpx.Client, receiver: Receiver) -> None:
    """Although the sending process looks at webhooks once per second only."""
    create(api, receiver.url, "badge.earned")
    for number in range(4):
        assert api.patch("/admin/webhooks/crm", json={"types": ["badge.earned"]}).status_code == 200
        award(api, f"without_{number}")
        time.sleep(1.5)
        assert api.patch("/admin/webhooks/crm", json={"types": ["badge.earned", "points.awarded"]}).status_code == 200
        award(api, f"with_{number}")
        eventually(lambda wanted=f"with_{number}": wanted in awarded(receiver), 10)  # type: ignore[misc]
    assert all(who.startswith("with_") for who in awarded(receiver))


def awarded(receiver: Receiver) -> list[str]:
    """The participants of the awards that have arrived."""
    return [each.event["participant_id"] for each in receiver.received if each.event["type"] == "points.awarded"]


def change(database_url: str, statement: str, *values: Any) -> int:
    """The number of changed rows."""
    with psycopg.connect(database_url) as connection:
        return connection.execute(statement.encode(), values).rowcount


def failed_check(database_url: str) -> str:
    done = laurels("check", "--database-url", database_url)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_old_deliveries_are_removed(api: httpx.Client, database_url: str, receiver: Receiver) -> None:
    webhook_id = create(api, receiver.url)["id"]
    for _ in range(3):
        award(api)
    settled(api, 3)
    older = "UPDATE webhook_delivery SET created_at = created_at - interval '31 days' WHERE webhook_id = %s"
    assert change(database_url, f"{older} AND number < 3", webhook_id) == 2

    async def forget() -> Left:
        connection = await connect_one(database_url)
        try:
            return await retention_job.forget(connection, cast(Tools, None))
        finally:
            await connection.close()

    assert asyncio.run(forget()) is Left.NOTHING
    assert [each["delivery_number"] for each in deliveries(api)] == [3]
    check(database_url)


def test_check_finds_a_missing_delivery(api: httpx.Client, database_url: str, receiver: Receiver) -> None:
    webhook_id = create(api, receiver.url)["id"]
    for _ in range(3):
        award(api)
    settled(api, 3)
    check(database_url)
    assert change(database_url, "DELETE FROM webhook_delivery WHERE webhook_id = %s AND number = 2", webhook_id) == 1
    found = failed_check(database_url)
    assert "FAIL  the deliveries of each webhook are numbered without gaps" in found
    assert f"{webhook_id}: no delivery of points.awarded" in found
    # Old deliveries may be gone.
    assert change(database_url, "DELETE FROM webhook_delivery WHERE webhook_id = %s AND number < 2", webhook_id) == 1
    check(database_url)


def test_check_finds_an_event_that_was_passed_over(api: httpx.Client, database_url: str, receiver: Receiver) -> None:
    webhook_id = create(api, receiver.url)["id"]
    for _ in range(4):
        award(api)
    settled(api, 4)
    check(database_url)
    change(database_url, "DELETE FROM webhook_delivery WHERE webhook_id = %s AND number = 4", webhook_id)
    change(database_url, "UPDATE webhook SET last_number = 3 WHERE id = %s", webhook_id)
    found = failed_check(database_url)
    assert "ok    the deliveries of each webhook are numbered without gaps" in found
    assert f"{webhook_id}: no delivery of points.awarded" in found
    change(database_url, "DELETE FROM webhook_delivery WHERE webhook_id = %s", webhook_id)
    change(database_url, "UPDATE webhook SET last_number = 0 WHERE id = %s", webhook_id)
    assert failed_check(database_url).count(f"{webhook_id}: no delivery of points.awarded") == 4
    change(database_url, "UPDATE webhook SET last_number = 9 WHERE id = %s", webhook_id)
    check(database_url)


def test_check_compares_deliveries_with_the_feed(api: httpx.Client, database_url: str, receiver: Receiver) -> None:
    webhook_id = create(api, receiver.url)["id"]
    for _ in range(5):
        award(api)
    settled(api, 5)
    check(database_url)
    of_two = "WHERE webhook_id = %s AND number = 2"
    change(database_url, f"UPDATE webhook_delivery SET type = 'badge.earned' {of_two}", webhook_id)
    assert f"{webhook_id}, delivery 2: it is of badge.earned" in failed_check(database_url)
    change(database_url, f"UPDATE webhook_delivery SET type = 'points.awarded' {of_two}", webhook_id)
    ahead = "UPDATE webhook SET position = position + 1000000000 * %s WHERE id = %s"
    change(database_url, ahead, 1, webhook_id)
    assert f"{webhook_id}: its position" in failed_check(database_url)
    change(database_url, ahead, -1, webhook_id)
    check(database_url)
    position = query(database_url, f"SELECT position FROM webhook_delivery {of_two}", webhook_id)[0][0]
    event = query(database_url, "DELETE FROM feed_event WHERE position = %s RETURNING id", position)[0][0]
    found = failed_check(database_url)
    assert f"{webhook_id}, delivery 2: no event has its position {position}" in found
    assert f"{event}: fact 2, points_awarded, has no event" in found
    # Removed in time, the event is not missed.
    floor = "UPDATE project SET feed_floor = %s WHERE id = (SELECT project_id FROM webhook WHERE id = %s)"
    change(database_url, floor, position, webhook_id)
    assert "ok    every delivery is of its event in the feed" in laurels("check", "--database-url", database_url).stdout
    change(database_url, "DELETE FROM webhook_delivery WHERE webhook_id = %s", webhook_id)
    change(database_url, "DELETE FROM feed_listener WHERE name = %s", f"webhook {webhook_id}")
    check(database_url)
