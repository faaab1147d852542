"""Names that a request has in another place are refused, and the sentence says where they go."""

from typing import Any

import httpx
import pytest

from laurels.web.misplaced import refuse_key_headers
from tests.checks import assert_refused, unchanged

AWARD = {"participant_id": "misplaced", "amount": 5}
EVENT = {"participant_id": "misplaced", "event_name": "e"}
AWARDS, EVENTS = {"awards": [AWARD]}, {"events": [EVENT]}


@pytest.mark.parametrize(
    ("path", "body", "field", "place"),
    [
        ("/points/award-batch", {**AWARDS, "idempotency_key": "q"}, "idempotency_key", "each item of awards"),
        ("/points/award-batch", {**AWARDS, "idempotencyKey": "q"}, "idempotencyKey", "each item of awards"),
        ("/points/award-batch", {**AWARDS, "expires_in_days": 3}, "expires_in_days", "each item of awards"),
        ("/points/award-batch?idempotency_key=q", AWARDS, "idempotency_key", "each item of awards"),
        ("/events/batch", {**EVENTS, "idempotency_key": "q"}, "idempotency_key", "each item of events"),
        ("/events/batch", {**EVENTS, "timestamp": "2026-01-01T00:00:00Z"}, "timestamp", "each item of events"),
        ("/events/batch", {**EVENTS, "participant_id": "ben"}, "participant_id", "each item of events"),
        ("/events/batch?timestamp=x", EVENTS, "timestamp", "each item of events"),
        ("/points/award?idempotency_key=zz", AWARD, "idempotency_key", "the body"),
        ("/points/award?idempotencyKey=zz", AWARD, "idempotencyKey", "the body"),
        ("/points/award?expiry_days=3", AWARD, "expiry_days", "the body"),
        ("/events?idempotency_key=zz", EVENT, "idempotency_key", "the body"),
        ("/rewards/gift_card/claim?points_deduction=true", AWARD, "points_deduction", "the body"),
        ("/participants?display_name=Ada", {"participant_id": "misplaced"}, "display_name", "the body"),
    ],
)
def test_names_in_another_place(
    api: httpx.Client, database_url: str, path: str, body: Any, field: str, place: str
) -> None:
    with unchanged(database_url):
        reply = api.post(path, json=body)
    assert_refused(reply, 422, field=field)
    assert reply.json()["detail"].endswith(f" belongs in {place}.")


@pytest.mark.parametrize(
    ("path", "field", "takes"),
    [
        ("/participants/ada/challenges?challenge=x", "challenge", "the parameters are status"),
        ("/participants/ada/challenges?code=x", "code", "the parameters are status"),
        ("/participants/ada/challenges?challengeCode=x", "challengeCode", "the parameters are status"),
        ("/participants/ada/challenges?challenge_id=x", "challenge_id", "the parameters are status"),
        ("/challenges?challenge=x", "challenge", "this endpoint takes no parameters"),
        ("/participants/ada/streaks?streak=x", "streak", "this endpoint takes no parameters"),
        ("/participants/ada/badges?rarity=epic", "rarity", "the parameters are earned_only, badge_codes"),
        ("/participants/ada/rewards?status=claimed", "status", "the parameters are page, page_size, after"),
        ("/participants/ada/points/transactions?type=award", "type", "the parameters are page, page_size, after"),
        ("/participants/ada/points/holds?hold=x", "hold", "this endpoint takes no parameters"),
        (
            "/leaderboards/top_scorers?participant_id=ada",
            "participant_id",
            "the parameters are period, period_key, limit",
        ),
        (
            "/admin/claims?participant_id=ada",
            "participant_id",
            "the parameters are page, page_size, after, status, reward_id",
        ),
        ("/admin/badges?code=x", "code", "the parameters are page, page_size, after, is_active, is_deleted"),
        ("/admin/earning-caps?earning_cap=x", "earning_cap", "the parameters are page"),
        ("/admin/keys?scope=admin", "scope", "this endpoint takes no parameters"),
    ],
)
def test_a_list_that_cannot_be_narrowed_so(api: httpx.Client, path: str, field: str, takes: str) -> None:
    """It would show everything."""
    reply = api.get(path)
    assert_refused(reply, 422, field=field)
    said = f"{field} is not a parameter of this request; the list cannot be filtered by it; {takes}"
    assert reply.json()["detail"].startswith(said)


def test_what_only_resembles_a_name_of_an_item_is_ignored(api: httpx.Client) -> None:
    reply = api.get("/participants/ada/challenges?nam=x&cod=y&d=1&_=2")
    assert reply.headers["laurels-ignored"] == "nam, cod, d, _"


@pytest.mark.parametrize("name", ["X-Idempotency-Key", "Idempotency_Key", "x_idempotency_key"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/points/award", AWARD),
        ("/points/award-batch", AWARDS),
        ("/events", EVENT),
        ("/events/batch", EVENTS),
        ("/rewards/gift_card/claim", {"participant_id": "misplaced"}),
    ],
)
def test_a_header_that_resembles_that_of_the_key(
    api: httpx.Client, database_url: str, path: str, body: Any, name: str
) -> None:
    with unchanged(database_url):
        reply = api.post(path, json=body, headers={name: "k"})
    said = f'{name.lower()} is not a header of this request; did you mean "Idempotency-Key"?'
    assert_refused(reply, 422, field=name.lower(), detail=said)


def test_two_headers_with_a_key(api: httpx.Client, database_url: str) -> None:
    for one, other in (("a", "b"), ("a", "a")):
        with unchanged(database_url):
            reply = api.post(
                "/points/award", json=AWARD, headers=[("Idempotency-Key", one), ("idempotency-key", other)]
            )
        said = "Idempotency-Key is given more than once; send it once."
        assert_refused(reply, 422, field="Idempotency-Key", detail=said)


def test_other_headers_are_not_looked_at(api: httpx.Client) -> None:
    refuse_key_headers([(b"idempotency-key", b"a"), (b"x-idempotency-keys", b"b"), (b"idempotency-replayed", b"c")])
    headers = [("X-Trace", "a"), ("X-Trace", "b"), ("Idempotency-Key", "once")]
    assert api.post("/points/award", json=AWARD, headers=headers).status_code == 200
    # Nothing is given twice where keys are of no use.
    reply = api.post("/participants", json={"participant_id": "misplaced"}, headers={"X-Idempotency-Key": "k"})
    assert reply.status_code in (200, 201)
