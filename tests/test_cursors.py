"""Every paged list is read to its end by cursors, while what is read leaves it or new rows come before it."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, product
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from laurels.app import COMPOSITION
from laurels.client import AsyncLaurels, Laurels
from laurels.storage.postgres.page_bounds import Moment, Number, Text
from laurels.web import pages
from laurels.web.endpoint import Endpoint
from laurels.web.protocol.errors import Refusal
from laurels.web.requests.fields import LONGEST_CURSOR, PageQuery
from tests.checks import assert_refused, make_key
from tests.support import ADMIN_KEY, Server
from tests.test_isolation import KINDS
from tests.test_people import SORT_KEYS

Act = Callable[[dict[str, Any]], object]
LISTS = {
    endpoint.operation: endpoint
    for endpoint in COMPOSITION.endpoints
    if endpoint.query and issubclass(endpoint.query, PageQuery)
}
NO_CURSOR = "after must be the next_cursor of a response of this list, with the same filters and order."


def nothing(row: dict[str, Any]) -> None:
    del row


def items_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    [items] = [value for value in answer.values() if isinstance(value, list)]
    return items


def get(api: httpx.Client, path: str, **parameters: Any) -> dict[str, Any]:
    reply = api.get(path, params=parameters or None)
    assert reply.status_code == 200, reply.text
    return reply.json()  # type: ignore[no-any-return]


def read(api: httpx.Client, path: str, act: Act = nothing, page_size: int = 2, **filters: Any) -> list[dict[str, Any]]:
    """All rows, page after page, with something done for each row before the next page is read."""
    rows: list[dict[str, Any]] = []
    answer = get(api, path, page_size=page_size, **filters)
    while True:
        assert (answer["page"], answer["page_size"]) == (1, page_size)
        rows += items_of(answer)
        for row in items_of(answer):
            act(row)
        if answer["next_cursor"] is None:
            return rows
        assert len(items_of(answer)) == page_size
        answer = get(api, path, page_size=page_size, after=answer["next_cursor"], **filters)


def post(api: httpx.Client, path: str, **body: Any) -> Any:
    done = api.post(path, json=body)
    assert done.is_success, done.text
    return done.json()


def claimed(api: httpx.Client, name: str, number: int) -> str:
    """The code of a new reward that was claimed so often."""
    code = f"reward_{uuid4().hex}"
    post(api, "/admin/rewards", code=code, name="A reward", type="voucher")
    for _ in range(number):
        post(api, f"/rewards/{code}/claim", participant_id=name)
    return code


def ready_transactions(api: httpx.Client, name: str) -> tuple[str, Act, dict[str, Any]]:
    def award(_: Any = None) -> None:
        post(api, "/points/award", participant_id=name, amount=1)

    for _ in range(7):
        award()
    return f"/participants/{name}/points/transactions", award, {}


def ready_events(api: httpx.Client, name: str) -> tuple[str, Act, dict[str, Any]]:
    """Two at each time, some of which came late; those that come are as old as the newest, or newer."""
    times = count()

    def record(day: int) -> None:
        at = f"2026-03-{day:02}T09:00:00Z"
        post(api, "/events", participant_id=name, event_name="seen", timestamp=at)

    for day in (3, 2, 4, 1, 4, 3, 2):
        record(day)
    return f"/participants/{name}/events", lambda _: record(4 + next(times)), {"event_name": "seen"}


def ready_claims_of_one(api: httpx.Client, name: str) -> tuple[str, Act, dict[str, Any]]:
    code = claimed(api, name, 7)
    return f"/participants/{name}/rewards", lambda _: post(api, f"/rewards/{code}/claim", participant_id=name), {}


def ready_claims(api: httpx.Client, name: str) -> tuple[str, Act, dict[str, Any]]:
    """Those that are read are fulfilled and leave the list; as many come before them."""
    code = claimed(api, name, 7)

    def fulfil(row: dict[str, Any]) -> None:
        post(api, "/admin/claims/fulfil", participant_id=name, claim_id=row["claim_id"])
        post(api, f"/rewards/{code}/claim", participant_id=name)

    return "/admin/claims", fulfil, {"status": "claimed", "reward_id": code}


def ready_audit_log(api: httpx.Client, name: str) -> tuple[str, Act, dict[str, Any]]:
    codes = count()

    def change(_: Any = None) -> None:
        post(api, "/admin/badges", code=f"logged_{next(codes)}_{uuid4().hex}", name=name)

    for _ in range(7):
        change()
    return "/admin/audit-log", change, {"kind": "badge", "action": "create"}


def ready_deliveries(api: httpx.Client, name: str) -> tuple[str, Act, dict[str, Any]]:
    webhook = post(
        api,
        "/admin/webhooks",
        code=f"w_{uuid4().hex}",
        name=name,
        url="https://receiver.example",
        types=["tier.changed"],
    )
    path = f"/admin/webhooks/{webhook['id']}"

    def test(_: Any = None) -> None:
        post(api, f"{path}/test")

    for _ in range(7):
        test()
    return f"{path}/deliveries", test, {}


def ready_history(api: httpx.Client, name: str) -> tuple[str, Act, dict[str, Any]]:
    """Two at each time, some of which came late; the others are as old as the newest, or newer."""
    _, record, _ = ready_events(api, name)
    return f"/admin/participants/{name}/history", record, {"kinds": "event_recorded,points_awarded"}


READY = {
    "participant_history": ready_history,
    "participant_transactions": ready_transactions,
    "participant_events": ready_events,
    "participant_claims": ready_claims_of_one,
    "list_claims": ready_claims,
    "list_audit_log": ready_audit_log,
    "list_webhook_deliveries": ready_deliveries,
}
SECTIONS = {f"list_{kind}s": (kind, f"/admin/{kind.replace('_', '-')}s") for kind in KINDS}


def test_every_paged_list_is_tried_here() -> None:
    assert READY.keys() | SECTIONS.keys() | {"list_participants"} == LISTS.keys()


@pytest.mark.parametrize("operation", READY)
def test_acting_on_what_is_read(api: httpx.Client, name: str, operation: str) -> None:
    path, act, filters = READY[operation](api, f"{operation}_{uuid4().hex}")
    expected = items_of(get(api, path, page_size=100, **filters))
    assert len(expected) >= 7
    assert read(api, path, **filters) == expected
    assert read(api, path, act, **filters) == expected
    assert items_of(get(api, path, page_size=100, **filters)) != expected, "rows came or went meanwhile"


@pytest.mark.parametrize("operation", SECTIONS)
def test_deleting_definitions_that_are_read(api: httpx.Client, operation: str) -> None:
    kind, path = SECTIONS[operation]
    ours = set()
    for number in range(7):
        body = {"code": f"c{(number * 5) % 7}_{uuid4().hex}", "name": "Read", "display_order": 900 + number % 2}
        level = {"level": 900 + number} if kind == "tier" else {}
        ours.add(post(api, path, **{**body, **KINDS[kind], **level})["id"])
    expected = [row["id"] for row in items_of(get(api, path, page_size=100))]

    def delete(row: dict[str, Any]) -> None:
        if row["id"] in ours:
            api.delete(f"{path}/{row['id']}").raise_for_status()

    assert [row["id"] for row in read(api, path)] == expected
    assert [row["id"] for row in read(api, path, delete)] == expected
    assert ours <= set(expected)
    assert not ours & {row["id"] for row in read(api, path)}


@pytest.fixture(scope="module")
def readers(api: httpx.Client) -> list[str]:
    """People of whom many are alike, and some have no name."""
    post(api, "/admin/badges", code="reader", name="Reader")
    ids = [f"{'READER' if number % 2 else 'reader'}_{number}" for number in range(9)]
    for number, participant_id in enumerate(ids):
        display_name = (None, "Zoë", "zoë", None, "élodie")[number % 5]
        post(api, "/participants", participant_id=participant_id, display_name=display_name)
        post(api, "/points/award", participant_id=participant_id, amount=(10, 1_500, 10)[number % 3])
        if number % 2:
            post(api, "/events", participant_id=participant_id, event_name="seen")
    return ids


@pytest.mark.parametrize(("sort_by", "sort_order"), list(product(SORT_KEYS, ("asc", "desc"))))
def test_acting_on_people_who_are_read(api: httpx.Client, readers: list[str], sort_by: str, sort_order: str) -> None:
    """Whoever is read loses the badge that the list asks for."""
    for participant_id in readers:
        post(api, "/badges/award", participant_id=participant_id, badge_code="reader")
    filters = {"badge": "reader", "sort_by": sort_by, "sort_order": sort_order}
    expected = items_of(get(api, "/admin/participants", page_size=100, **filters))
    assert {row["participant_id"] for row in expected} == set(readers)
    assert read(api, "/admin/participants", **filters) == expected

    def revoke(row: dict[str, Any]) -> None:
        post(api, "/admin/badges/revoke", participant_id=row["participant_id"], badge_code="reader")

    assert read(api, "/admin/participants", revoke, **filters) == expected
    assert items_of(get(api, "/admin/participants", **filters)) == []


@pytest.mark.parametrize("page_size", [1, 3, 7, 8])
def test_the_last_page_says_so(api: httpx.Client, page_size: int) -> None:
    path, _, _ = ready_transactions(api, f"last_{uuid4().hex}")
    assert len(read(api, path, page_size=page_size)) == 7
    by_number = get(api, path, page=7 // page_size, page_size=page_size) if page_size < 8 else {}
    if by_number:
        rest = 7 % page_size
        assert (by_number["next_cursor"] is None) == (rest == 0)
        assert get(api, path, page_size=100)["next_cursor"] is None


def test_a_page_by_number_leads_on_to_a_cursor_and_pages_may_change_their_size(api: httpx.Client) -> None:
    path, award, _ = ready_transactions(api, f"sizes_{uuid4().hex}")
    everything = items_of(get(api, path))
    second = get(api, path, page=2, page_size=2)
    award({})
    rest = get(api, path, after=second["next_cursor"], page_size=100)
    assert items_of(second) + items_of(rest) == everything[2:]
    assert (rest["total"], rest["page"], rest["next_cursor"]) == (8, 1, None)
    again = get(api, path, after=second["next_cursor"], page=1, page_size=100)
    assert again == rest


def test_the_longest_names(api: httpx.Client) -> None:
    """Of ids and names with four bytes a character."""
    for number in range(3):
        name = "\N{GRINNING FACE}" * 254 + str(number)
        post(api, "/participants", participant_id=name, display_name=name)
    filters = {"search": "\N{GRINNING FACE}", "sort_by": "display_name"}
    first = get(api, "/admin/participants", page_size=1, **filters)
    assert 2_700 < len(first["next_cursor"]) <= LONGEST_CURSOR
    assert len(read(api, "/admin/participants", page_size=1, **filters)) == 3


@pytest.fixture(scope="module")
def foreign(api: httpx.Client) -> dict[str, str]:
    """A cursor of each of some lists."""
    for who in ("foreign", "other", "third"):
        claimed(api, who, 3)
        for _ in range(3):
            post(api, "/points/award", participant_id=who, amount=5)
            post(api, "/events", participant_id=who, event_name="seen")
    asked = {
        "transactions": "/participants/foreign/points/transactions?page_size=2",
        "events": "/participants/foreign/events?page_size=2&event_name=seen",
        "claims of one": "/participants/foreign/rewards?page_size=2",
        "claims": "/admin/claims?page_size=2&status=claimed",
        "people": "/admin/participants?page_size=2&sort_by=total_points",
        "people by name": "/admin/participants?page_size=2&sort_by=display_name",
        "audit log": "/admin/audit-log?page_size=2",
        "badges": "/admin/badges?page_size=1",
    }
    cursors = {name: get(api, path)["next_cursor"] for name, path in asked.items()}
    assert None not in cursors.values()
    return cursors


@pytest.mark.parametrize(
    ("cursor", "path"),
    [
        pytest.param("claims", "/admin/audit-log", id="another list with positions of the same type"),
        pytest.param("audit log", "/admin/claims?status=claimed", id="and the other way round"),
        pytest.param("claims of one", "/admin/claims?status=claimed", id="claims of one for claims of all"),
        pytest.param("transactions", "/participants/foreign/events?event_name=seen", id="another type"),
        pytest.param("badges", "/admin/tiers", id="another kind of definition"),
        pytest.param("transactions", "/participants/other/points/transactions", id="another participant"),
        pytest.param("claims", "/admin/claims?status=fulfilled", id="another filter"),
        pytest.param("claims", "/admin/claims", id="without the filter"),
        pytest.param("events", "/participants/foreign/events?event_name=seen&to=2030-01-01T00:00:00Z", id="one more"),
        pytest.param("people", "/admin/participants?sort_by=available_points", id="another order"),
        pytest.param("people", "/admin/participants?sort_by=total_points&sort_order=desc", id="another direction"),
        pytest.param("people by name", "/admin/participants?sort_by=participant_id", id="another order by text"),
    ],
)
def test_cursors_of_something_else(api: httpx.Client, foreign: dict[str, str], cursor: str, path: str) -> None:
    reply = api.get(path + ("&" if "?" in path else "?") + f"after={foreign[cursor]}")
    assert_refused(reply, 422, field="after", detail=NO_CURSOR)


def test_a_cursor_of_another_project(server: Server, database_url: str, foreign: dict[str, str]) -> None:
    """It would grant nothing; the refusal says that two projects were mixed up."""
    with server.client(make_key(database_url, project="elsewhere", scope="admin")) as elsewhere:
        post(elsewhere, "/points/award", participant_id="foreign", amount=5)
        path = "/participants/foreign/points/transactions"
        assert_refused(elsewhere.get(path, params={"after": foreign["transactions"]}), 422, detail=NO_CURSOR)


def test_damaged_cursors(api: httpx.Client, foreign: dict[str, str]) -> None:
    path, cursor = "/participants/foreign/points/transactions", foreign["transactions"]
    assert get(api, path, after=cursor)["total"] == 3
    for place, sign in enumerate(cursor):
        damaged = cursor[:place] + ("A" if sign != "A" else "B") + cursor[place + 1 :]
        assert_refused(api.get(path, params={"after": damaged}), 422, field="after", detail=NO_CURSOR)
    for damaged in (
        cursor[:-1],
        cursor[1:],
        f"{cursor}A",
        f"{cursor}=",
        f" {cursor}",
        f"{cursor}!",
        "x",
        "ä",
        "~" * 99,
    ):
        assert_refused(api.get(path, params={"after": damaged}), 422, field="after", detail=NO_CURSOR)


@pytest.mark.parametrize("operation", LISTS)
def test_what_every_list_refuses(api: httpx.Client, operation: str) -> None:
    path = path_of(LISTS[operation])
    if operation == "list_webhook_deliveries":
        path, _, _ = ready_deliveries(api, "refused")
    post(api, "/points/award", participant_id="refused", amount=5)
    said = {
        "": "after must not be empty.",
        "A" * (LONGEST_CURSOR + 1): f"after must have at most {LONGEST_CURSOR} characters.",
        "A" * LONGEST_CURSOR: NO_CURSOR,
    }
    for cursor, detail in said.items():
        assert_refused(api.get(path, params={"after": cursor}), 422, field="after", detail=detail)
    both = "after and page cannot be combined; send one of them."
    assert_refused(api.get(path, params={"after": "x", "page": 2}), 422, field="after", detail=both)
    far = (
        "page times page_size must be at most 10000; to read further, send the next_cursor of the previous page as "
        "after."
    )
    for page, page_size in ((101, 100), (200, 51), (10_000, 2)):
        assert_refused(api.get(path, params={"page": page, "page_size": page_size}), 422, field="page", detail=far)
    assert_refused(api.get(path, params={"page": 10_001, "page_size": 1}), 422, field="page")
    get(api, path, page=100, page_size=100)


def path_of(endpoint: Endpoint) -> str:
    return endpoint.path.removeprefix("/api/v1/gamify").replace("{participant_id}", "refused")


@pytest.mark.parametrize(
    ("kind", "position"),
    [
        (tuple[Number], (2**63,)),
        (tuple[Number], (2**64 - 1,)),
        (tuple[Number], (True,)),
        (tuple[Number], ("7",)),
        (tuple[Number], (7, 7)),
        (tuple[Number], ()),
        (tuple[Number], ([[[[[]]]]],)),
        (tuple[Text], ("NUL\0",)),
        (tuple[Text], ("\ud800",)),
        (tuple[Text], (b"x",)),
        (tuple[UUID], ("no uuid",)),
        (tuple[UUID], (UUID(int=7).hex,)),
        (tuple[Moment], ("2026-03-01T09:00:00",)),
        (tuple[Moment], ("0001-01-01T00:00:00+05:00",)),
        (tuple[Moment], (datetime(2026, 3, 1),)),  # noqa: DTZ001
        (tuple[Text | None, Text], (None, None)),
    ],
)
def test_positions_that_somebody_made_up(kind: Any, position: Any) -> None:
    """With the right checksum, which is no secret: what the database does not take is refused before it."""
    if position == ("\ud800",):
        packed = b"\x91\xa3\xed\xa0\x80"
        cursor = pages.urlsafe_b64encode(pages._checksum(b"c", packed) + packed).rstrip(b"=").decode()
    else:
        cursor = pages.cursor_text(b"c", position)
    with pytest.raises(Refusal, match="must be the next_cursor"):
        pages.position_in(b"c", cursor, kind)


@pytest.mark.parametrize(
    ("kind", "position"),
    [
        (tuple[Number], (-(2**63),)),
        (tuple[Number, Text, Moment, UUID], (7, "ä\n", datetime(2026, 3, 1, 9, 0, 0, 123_457, UTC), UUID(int=7))),
        (tuple[Text | None, Text], (None, "")),
    ],
)
def test_positions_come_back_as_they_were(kind: Any, position: Any) -> None:
    assert pages.position_in(b"c", pages.cursor_text(b"c", position), kind) == position


@pytest.fixture
def laurels(server: Server) -> Iterator[Laurels]:
    with Laurels(server.base_url, ADMIN_KEY) as client:
        yield client


def test_the_iterator_of_the_client_while_claims_are_fulfilled(
    api: httpx.Client, laurels: Laurels, server: Server
) -> None:
    person = f"client_{uuid4().hex}"
    code = claimed(api, person, 25)

    def open_claims() -> int:
        return laurels.list_claims(status="claimed", reward_id=code).page().total

    done = []
    for claim in laurels.list_claims(status="claimed", reward_id=code, page_size=5):
        laurels.fulfil_claim(person, claim.claim_id)
        done.append(claim.claim_id)
    assert (len(done), len(set(done)), open_claims()) == (25, 25, 0)

    code = claimed(api, person, 25)

    async def fulfil_all() -> list[str]:
        done = []
        async with AsyncLaurels(server.base_url, ADMIN_KEY) as client:
            async for claim in client.list_claims(status="claimed", reward_id=code, page_size=5):
                await client.fulfil_claim(person, claim.claim_id)
                done.append(claim.claim_id)
        return done

    assert (len(set(asyncio.run(fulfil_all()))), open_claims()) == (25, 0)


def test_the_client_goes_on_where_it_was(api: httpx.Client, laurels: Laurels) -> None:
    path, _, _ = ready_transactions(api, f"resumed_{uuid4().hex}")
    listed = laurels.participant_transactions(path.split("/")[2], page_size=3)
    first = next(listed.pages())
    rest = [row.id for page in listed.pages(after=first.next_cursor) for row in page.transactions]
    assert [row.id for row in first.transactions] + rest == [row.id for row in listed]
    assert len(rest) == 4
