"""Signatures of webhooks, against the public package of Standard Webhooks and the specification's example."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from laurels.client import NotVerifiedError, verify
from laurels.delivery.webhooks import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1_614_265_330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The example of the specification."""
OTHER = signing.secret_of(bytes(range(32)))


def headers_of(secrets: list[str], timestamp: int = TIMESTAMP, body: bytes = BODY) -> dict[str, str]:
    return signing.signed_headers(secrets, MESSAGE_ID, timestamp, body)


def test_the_example_of_the_specification() -> None:
    assert signing.signature(SECRET, MESSAGE_ID, TIMESTAMP, BODY) == SIGNATURE
    assert verify(headers_of([SECRET]), BODY, SECRET, now=TIMESTAMP) == {"test": 2432232314}


def test_a_secret_has_the_form_of_the_specification() -> None:
    assert OTHER.startswith("whsec_")
    assert len(Webhook(OTHER)._whsecret) == 32


@given(st.binary(min_size=24, max_size=64), st.text(), st.integers(0, 1_000))
def test_the_public_package_verifies_our_signatures_and_we_verify_theirs(key: bytes, text: str, ago: int) -> None:
    secret = signing.secret_of(key)
    body = json.dumps({"text": text}).encode()
    now = int(datetime.now(UTC).timestamp())
    ours = headers_of([OTHER, secret], now, body)
    assert Webhook(secret).verify(body, ours) == {"text": text}
    theirs = Webhook(secret).sign(MESSAGE_ID, datetime.fromtimestamp(now - ago, UTC), body.decode())
    received = {"Webhook-Id": MESSAGE_ID, "Webhook-Timestamp": str(now - ago), "Webhook-Signature": theirs}
    assert verify(received, body.decode(), secret, now=now, tolerance_seconds=1_000) == {"text": text}


def test_while_a_secret_is_rotated_both_verify() -> None:
    rotating = headers_of([OTHER, SECRET])
    assert verify(rotating, BODY, SECRET, now=TIMESTAMP) == verify(rotating, BODY, OTHER, now=TIMESTAMP)
    assert verify(headers_of([SECRET]), BODY, [OTHER, SECRET], now=TIMESTAMP) == {"test": 2432232314}


@pytest.mark.parametrize(
    ("headers", "body", "problem"),
    [
        ({}, BODY, "webhook-id is missing"),
        ({"webhook-id": MESSAGE_ID, "webhook-timestamp": "1"}, BODY, "webhook-signature is missing"),
        (headers_of([OTHER]), BODY, "No signature matches"),
        (headers_of([SECRET]), BODY + b" ", "No signature matches"),
        (headers_of([SECRET]) | {"webhook-id": "other"}, BODY, "No signature matches"),
        (headers_of([SECRET]) | {"webhook-timestamp": str(TIMESTAMP + 1)}, BODY, "No signature matches"),
        (headers_of([SECRET]) | {"webhook-timestamp": "soon"}, BODY, "No signature matches"),
        (headers_of([SECRET]) | {"webhook-signature": ""}, BODY, "No signature matches"),
        (headers_of([SECRET]) | {"webhook-signature": "v1a," + SIGNATURE[3:]}, BODY, "No signature matches"),
        (headers_of([SECRET]) | {"webhook-signature": "v1,é"}, BODY, "No signature matches"),
    ],
)
def test_a_request_that_is_not_ours(headers: dict[str, str], body: bytes, problem: str) -> None:
    with pytest.raises(NotVerifiedError, match=problem):
        verify(headers, body, SECRET, now=TIMESTAMP)


@pytest.mark.parametrize(("seconds", "is_accepted"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_the_tolerance_of_time(seconds: int, is_accepted: bool) -> None:
    try:
        verify(headers_of([SECRET]), BODY, SECRET, now=TIMESTAMP + seconds)
    except NotVerifiedError:
        assert not is_accepted
    else:
        assert is_accepted
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers_of([SECRET]))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "secret!", []])
def test_a_wrong_secret_never_verifies(secret: Any) -> None:
    with pytest.raises(ValueError):
        verify(headers_of([SECRET]), BODY, secret, now=TIMESTAMP)


def test_the_signature_of_the_body_alone() -> None:
    expected = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    assert signing.body_signature(SECRET, BODY) == f"sha256={expected}"
