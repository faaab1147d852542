"""The Python client against a started server: sessions, retries that never count twice, pages, errors."""

import asyncio
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from laurels.client import (
    AsyncLaurels,
    ConflictError,
    InvalidRequestError,
    KeyRefusedError,
    Laurels,
    LaurelsError,
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ServerFailedError,
    UnreachableError,
    UnreadableResponseError,
    types,
)
from laurels.client.calls import with_keys
from laurels.client.retries import LONGEST_WAIT_SECONDS, Retries
from tests.faulty_proxy import FaultyProxy
from tests.support import ADMIN_KEY, Server, free_port

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def laurels(server: Server) -> Iterator[Laurels]:
    with Laurels(server.base_url, ADMIN_KEY) as client:
        yield client


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.base_url) as running:
        yield running


@pytest.fixture
def through(proxy: FaultyProxy) -> Iterator[Laurels]:
    """A client that reaches the server through the proxy."""
    with Laurels(proxy.url, ADMIN_KEY, timeout_seconds=5) as client:
        yield client


def busy(**headers: str) -> Any:
    """As Laurels answers when it did nothing."""
    return 503, {"X-Request-ID": "r", **headers}, b'{"detail": "The server is busy and did nothing"}'


def test_a_session(laurels: Laurels, name: str) -> None:
    award = laurels.award_points(name, 1_100, reason="Onboarding done", metadata={"step": 3})
    assert (award.amount, award.new_balance) == (1_100, 1_100)
    assert award.tier_upgrade is not None
    assert award.tier_upgrade.code == "silver"
    assert award.base_amount is None
    assert laurels.deduct_points(name, 100).new_balance == 1_000
    badge = laurels.award_badge(name, "first_steps")
    assert datetime.now(UTC) - badge.earned_at < timedelta(minutes=1)
    hold = laurels.hold_points(name, 400, expires_in_minutes=30)
    assert laurels.capture_hold(name, hold.hold_id, amount=150).released_amount == 250
    assert laurels.participant_points(name).balance == 850
    state = laurels.participant_state(name, include=["points", "tier"])
    assert laurels.participant_state(name, include="points,tier") == state
    found = laurels.participant_badges(name, badge_codes=["first_steps", "nobody_defined_this"])
    assert [each.code for each in found.badges] == ["first_steps"]
    assert laurels.participant_badges(name, badge_codes=()).badges == []
    assert state.points == types.PointsSection(balance=850, total_earned=1_100, total_spent=250)
    assert state.badges is None
    board = laurels.leaderboard_standings("top_scorers", period="daily", around=name)
    assert name in {entry.participant_id for entry in board.entries}


def test_an_asynchronous_session(server: Server, name: str) -> None:
    async def session() -> None:
        async with AsyncLaurels(server.base_url, ADMIN_KEY) as laurels:
            await asyncio.gather(*(laurels.award_points(name, 10) for _ in range(20)))
            assert (await laurels.participant_points(name)).balance == 200
            pages = laurels.participant_transactions(name, page_size=7)
            assert len({transaction.id async for transaction in pages}) == 20
            assert (await pages.page(3)).page == 3
            assert [len(page.transactions) async for page in pages.pages()] == [7, 7, 6]
            with pytest.raises(NotAllowedError, match=r"Available: 200, requested: 300"):
                await laurels.deduct_points(name, 300)

    asyncio.run(session())


def test_definitions_are_typed(laurels: Laurels, name: str) -> None:
    code = f"rule_{abs(hash(name))}"
    rule = laurels.create_rule(
        code,
        "Big order",
        "purchase_completed",
        [types.GivePoints(amount="int(event.properties.amount)"), types.GiveBadge(badge_code="first_steps")],
        condition="event.properties.amount >= 100",
        limit=types.RuleLimit(per_participant=types.RuleLimitPeriods(day=1)),
    )
    assert rule.actions[0] == types.GivePoints(amount="int(event.properties.amount)")
    assert rule.limit == types.RuleLimit(per_participant=types.RuleLimitPeriods(day=1))
    recorded = laurels.record_event(name, "purchase_completed", properties={"amount": 149.5})
    assert [effect.amount for effect in recorded.effects.points if effect.due_to == code] == [149]
    changed = laurels.update_rule(rule.id, description="For the shop", priority=3)
    assert (changed.description, changed.priority, changed.condition) == ("For the shop", 3, rule.condition)
    assert laurels.update_rule(rule.id, description=None).description is None
    with pytest.raises(ConflictError, match="exists already"):
        laurels.create_rule(code, "Again", "login", [types.GivePoints(amount=1)])
    assert laurels.delete_rule(rule.id).is_active is False
    with pytest.raises(NotFoundError):
        laurels.get_rule(rule.id)


@pytest.mark.all_cases
def test_lines_come_one_by_one(laurels: Laurels, server: Server) -> None:
    *progress, last = laurels.simulate_definitions({"rules": []}, days=1)
    assert last.result is not None
    assert all(line.progress is not None for line in progress)

    async def session() -> list[types.SimulationLine]:
        async with AsyncLaurels(server.base_url, ADMIN_KEY) as client:
            return [line async for line in client.simulate_definitions({"rules": []}, days=1)]

    assert asyncio.run(session())[-1].result is not None


def test_pages(laurels: Laurels, name: str) -> None:
    given = [laurels.award_points(name, 1 + number).transaction_id for number in range(45)]
    assert [each.id for each in laurels.participant_transactions(name)] == given[::-1]
    assert [each.id for each in laurels.participant_transactions(name, page_size=15)] == given[::-1]
    first = laurels.participant_transactions(name).page()
    assert (first.total, first.page, len(first.transactions)) == (45, 1, 20)
    assert list(laurels.participant_claims(name)) == []


def test_times_and_names_that_are_words_of_the_language(laurels: Laurels, name: str) -> None:
    noon = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    for hours in range(3):
        laurels.record_event(name, "login", timestamp=noon - timedelta(hours=hours))
    found = laurels.participant_events(name, from_=noon - timedelta(hours=1), to=noon)
    assert [event.occurred_at for event in found] == [noon - timedelta(hours=1)]


@pytest.mark.parametrize("name", ["a/b", "a b?c=d#e", "ü%2F", "..", ".", "%", "+"])
def test_names_that_are_no_plain_path(laurels: Laurels, name: str) -> None:
    before = laurels.award_points(name, 5).new_balance
    points = laurels.participant_points(name)
    assert (points.participant_id, points.balance) == (name, before)


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [("", ValueError, "must not be empty"), (5, TypeError, "str, not int"), (None, TypeError, "NoneType")],
)
def test_what_no_path_can_hold(laurels: Laurels, name: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        laurels.participant_points(name)


def test_a_batch_of_dicts(laurels: Laurels, name: str) -> None:
    key = f"{name}-key"
    items: list[Any] = [
        {"participant_id": name, "amount": 5},
        {"participant_id": name, "amount": 7, "idempotency_key": key},
        types.AwardPointsRequest(participant_id=name, amount=9),
        {"participant_id": name},
    ]
    results = laurels.award_points_batch(items).results
    assert [result.new_balance for result in results] == [5, 12, 21, None]
    assert (results[3].error, results[3].error_code) == ("amount is required.", "invalid_request")
    assert laurels.award_points(name, 7, idempotency_key=key).new_balance == 12, "the key of the dict was used"
    assert items[0] == {"participant_id": name, "amount": 5}, "the caller's dict stays as it was"
    events: list[Any] = [{"participant_id": name, "event_name": "x"}]
    assert laurels.record_event_batch(events).failed == 0


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda laurels, number: laurels.reverse_transaction("ada", "a transaction", amount=number), "amount"),
        (lambda laurels, number: laurels.capture_hold("ada", "a hold", amount=number), "amount"),
        (lambda laurels, number: laurels.award_points("ada", 5, expires_in_days=number), "expires_in_days"),
        (lambda laurels, number: laurels.award_points("ada", 5, metadata={"a": [{"b": number}]}), "metadata.a[0].b"),
        (lambda laurels, number: laurels.award_points_batch([{"amount": number}]), "awards[0].amount"),
        (
            lambda laurels, number: laurels.award_points_batch(
                [types.AwardPointsRequest(participant_id="ada", amount=number)]
            ),
            "awards[0].amount",
        ),
        (lambda laurels, number: laurels.update_participant("ada", attributes={"a": number}), "attributes.a"),
    ],
)
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_have_are_not_sent(laurels: Laurels, call: Any, place: str, number: float) -> None:
    """As null, an amount would count as left out."""
    with pytest.raises(ValueError, match=rf"^{re.escape(place)} must be a finite number, not {number}$"):
        call(laurels, number)


def test_an_empty_key_is_refused_and_not_replaced(laurels: Laurels, name: str) -> None:
    calls: list[Any] = [
        lambda: laurels.award_points(name, 5, idempotency_key=""),
        lambda: laurels.record_event(name, "login", idempotency_key=""),
        lambda: laurels.claim_reward("gift_card", name, idempotency_key=""),
    ]
    for call in calls:
        with pytest.raises(InvalidRequestError, match="idempotency_key must not be empty"):
            call()
    items: list[Any] = [
        {"participant_id": name, "amount": 5, "idempotency_key": ""},
        types.AwardPointsRequest(participant_id=name, amount=5, idempotency_key=""),
    ]
    results = laurels.award_points_batch(items).results
    assert [result.error for result in results] == ["idempotency_key must not be empty."] * 2


def test_no_section_of_a_state(laurels: Laurels, name: str) -> None:
    laurels.award_points(name, 5)
    with pytest.raises(InvalidRequestError, match="include must not be empty: omit it for all sections"):
        laurels.participant_state(name, include=[])


@pytest.mark.parametrize("items", [[("ada", 5)], {"participant_id": "ada"}, ["ada"]])
def test_a_batch_of_something_else(laurels: Laurels, items: Any) -> None:
    with pytest.raises(TypeError, match="Item 0 of the batch must be a struct or a dict, not"):
        laurels.award_points_batch(items)


def test_a_refusal_says_what_to_do(laurels: Laurels, name: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        laurels.award_points(name, 0)
    refusal = caught.value
    assert (refusal.status, refusal.detail) == (422, "amount must be at least 1.")
    assert refusal.errors == [types.FieldError(field="amount", message="must be at least 1")]
    assert str(refusal) == "422: amount must be at least 1."
    assert refusal.code == "invalid_request"
    assert len(refusal.request_id) == 36
    assert not refusal.is_outcome_unknown


@pytest.mark.parametrize(
    ("call", "kind", "status"),
    [
        (lambda laurels: laurels.participant_points("nobody"), NotFoundError, 404),
        (lambda laurels: laurels.deduct_points("nobody", 1), NotAllowedError, 400),
        (
            lambda laurels: laurels.record_event("p", "e", properties={"long": "x" * 2_000_000}),
            InvalidRequestError,
            413,
        ),
    ],
)
def test_each_refusal_has_its_kind(laurels: Laurels, call: Any, kind: type[RefusedError], status: int) -> None:
    with pytest.raises(kind) as caught:
        call(laurels)
    assert caught.value.status == status


def test_a_wrong_key(server: Server) -> None:
    with Laurels(server.base_url, "lk_live_wrong") as stranger, pytest.raises(KeyRefusedError):
        stranger.participant_points("p")


def test_the_url_may_be_the_printed_one(server: Server, name: str) -> None:
    with Laurels(f"{server.base_url}/api/v1/", ADMIN_KEY) as client:
        assert client.award_points(name, 1).amount == 1
    with pytest.raises(ValueError, match="must begin with http"):
        Laurels("127.0.0.1:8080", ADMIN_KEY)


FAULTS: list[Any] = ["drop_before", "lose_answer", busy(), busy(**{"Outcome-Unknown": "true"}), (502, {}, b"<html>")]


@pytest.mark.parametrize("fault", FAULTS, ids=["dropped", "lost answer", "busy", "unknown", "bad gateway"])
def test_a_retry_never_counts_twice(through: Laurels, proxy: FaultyProxy, name: str, fault: Any) -> None:
    proxy.faults = [fault, fault]
    assert through.award_points(name, 10).new_balance == 10
    assert len({headers["x-request-id"] for headers in proxy.seen}) == 1
    assert len(proxy.seen) == 3
    proxy.faults = [fault]
    batch = through.award_points_batch([types.AwardPointsRequest(participant_id=name, amount=n) for n in (1, 2)])
    assert [result.new_balance for result in batch.results] == [11, 13]
    proxy.faults = [fault]
    assert through.hold_points(name, 3).new_balance == 10
    proxy.faults = [fault]
    assert through.participant_points(name).balance == 10


def test_an_asynchronous_retry_never_counts_twice(proxy: FaultyProxy, name: str) -> None:
    async def session() -> None:
        async with AsyncLaurels(proxy.url, ADMIN_KEY) as client:
            proxy.faults = ["lose_answer", busy(), "drop_before"]
            assert (await client.award_points(name, 10)).new_balance == 10
            proxy.faults = ["lose_answer"]
            with pytest.raises(UnreachableError):
                await client.assign_tier(name, "gold")

    asyncio.run(session())
    assert len(proxy.seen) == 5


def test_a_key_of_ones_own_is_kept(through: Laurels, proxy: FaultyProxy, name: str) -> None:
    first = through.award_points(name, 10, idempotency_key="order-1")
    assert through.award_points(name, 10, idempotency_key="order-1") == first
    own = types.AwardPointsRequest(participant_id=name, amount=1, idempotency_key="mine")
    keyed = with_keys([own, types.AwardPointsRequest(participant_id=name, amount=1)])
    assert keyed[0] is own
    assert keyed[1].idempotency_key


@pytest.mark.parametrize("fault", ["drop_before", "lose_answer", busy(**{"Outcome-Unknown": "true"}), (504, {}, b"")])
def test_what_may_have_happened_is_not_done_again(through: Laurels, proxy: FaultyProxy, name: str, fault: Any) -> None:
    """Without an idempotency key."""
    proxy.faults = [fault]
    with pytest.raises(LaurelsError) as caught:
        through.assign_tier(name, "gold")
    assert caught.value.is_outcome_unknown
    assert len(proxy.seen) == 1


@pytest.mark.parametrize("fault", [busy(), (429, {"Retry-After": "0"}, b'{"detail": "Too many"}')])
def test_what_certainly_did_not_happen_is_done_again(
    through: Laurels, proxy: FaultyProxy, name: str, fault: Any
) -> None:
    proxy.faults = [fault]
    assert through.assign_tier(name, "gold").tier_code == "gold"
    assert len(proxy.seen) == 2


def test_retries_are_bounded(proxy: FaultyProxy, name: str) -> None:
    proxy.faults = [busy()] * 10
    with Laurels(proxy.url, ADMIN_KEY, retries=2) as client, pytest.raises(ServerFailedError, match="503: The server"):
        client.participant_points(name)
    assert len(proxy.seen) == 3
    proxy.faults = [busy()]
    with Laurels(proxy.url, ADMIN_KEY, retries=0) as client, pytest.raises(ServerFailedError):
        client.participant_points(name)
    assert len(proxy.seen) == 4


def test_a_server_that_asks_for_too_long_is_not_waited_for(through: Laurels, proxy: FaultyProxy, name: str) -> None:
    proxy.faults = [(429, {"Retry-After": "3600"}, b'{"detail": "Too many"}')]
    with pytest.raises(RateLimitedError) as caught:
        through.participant_points(name)
    assert caught.value.retry_after_seconds == 3_600


def test_nobody_there_is_said(name: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with (
        Laurels(url, ADMIN_KEY, retries=1) as client,
        pytest.raises(UnreachableError, match=f"No response from {url}") as e,
    ):
        client.assign_tier(name, "gold")
    assert not e.value.is_outcome_unknown
    assert len(e.value.request_id) == 36


def test_no_answer_in_time(proxy: FaultyProxy, name: str) -> None:
    proxy.faults = ["delay"]
    with Laurels(proxy.url, ADMIN_KEY, timeout_seconds=1.5) as client:
        assert client.award_points(name, 3).new_balance == 3
        proxy.faults = ["delay"]
        with pytest.raises(UnreachableError) as caught:
            client.assign_tier(name, "gold")
    assert caught.value.is_outcome_unknown


def test_an_answer_from_elsewhere(through: Laurels, proxy: FaultyProxy) -> None:
    proxy.faults = [(200, {"Content-Type": "text/html"}, b"<html>")]
    with pytest.raises(UnreadableResponseError, match="cannot be read"):
        through.participant_points("p")


def test_pauses_double_and_differ() -> None:
    retries, failure = Retries(limit=20), UnreachableError("away", request_id="r")
    pauses = [[retries.pause_seconds(failure, n, is_repeatable=True) or 0 for _ in range(400)] for n in range(1, 12)]
    for n, drawn in enumerate(pauses, start=1):
        longest = min(5.0, 0.1 * 2**n)
        assert 0.8 * longest < max(drawn) <= longest
        assert min(drawn) < 0.2 * longest
    asked = RefusedError(429, "", [], request_id="r", retry_after_seconds=2)
    assert 2 <= (retries.pause_seconds(asked, 1, is_repeatable=False) or 0) <= 2.2
    asked.retry_after_seconds = LONGEST_WAIT_SECONDS + 1
    assert retries.pause_seconds(asked, 1, is_repeatable=True) is None


def test_values_that_came_later_are_read() -> None:
    answer = {
        "id": "t",
        "type": "a type of tomorrow",
        "amount": 1,
        "balance_after": 1,
        "reason": None,
        "metadata": None,
        "created_at": "2026-03-01T09:30:00Z",
        "a_field_of_tomorrow": {"a": [None]},
    }
    assert msgspec.convert(answer, types.TransactionAnswer).type == "a type of tomorrow"


def test_the_examples_of_the_docs(server: Server) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```", (REPOSITORY / "docs/clients.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 4
    names = {"url": server.base_url, "key": ADMIN_KEY, "__name__": "docs"}
    for block in blocks:
        exec(block, names)
    names["laurels"].close()  # type: ignore[attr-defined]


def test_both_clients_have_the_same_methods() -> None:
    for name, method in inspect.getmembers(Laurels, inspect.isfunction):
        if name.startswith("_"):
            continue
        other = getattr(AsyncLaurels, name)
        parameters = [list(inspect.signature(each).parameters.values()) for each in (method, other)]
        assert parameters[0] == parameters[1], name
        assert method.__doc__ == other.__doc__, name
        returned = inspect.signature(other).return_annotation
        is_awaited = not str(returned).startswith(("laurels.client.pages", "collections.abc.AsyncIterator"))
        assert inspect.iscoroutinefunction(other) == is_awaited, name


def test_the_client_knows_nothing_else_of_laurels() -> None:
    program = "import sys, laurels.client; print(*sorted(m for m in sys.modules if m.startswith('laurels')))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "laurels.client.transport" in loaded
    assert [module for module in loaded if module != "laurels" and not module.startswith("laurels.client")] == []
