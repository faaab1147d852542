"""Clients that want random things and, like careful applications, ask again until they know what became of each."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.hammer import Connection, Reply
from tests.torture.definitions import BADGES, COUPON, SCARCE, STREAK, TRINKET
from tests.torture.model import Model, Request, numbered
from tests.torture.report import Report

PEOPLE_A_CLIENT = 2
THINK_SECONDS = 0.15
PATIENT_SECONDS = 60.0
GIVEN_UP_SECONDS = 180.0
HURRIED_SHARE = 0.05
LIFE_SECONDS = 5
"""Of points that are soon gone."""
REMEMBERED = 500
OUTCOME_UNKNOWN = "was lost while saving"
"""What an item of a batch says that may have taken effect all the same."""
UNSETTLED = (
    OUTCOME_UNKNOWN,
    "database cannot be reached",
    "server is busy",
    "failed because of an error in the server",
    "try again shortly",
)


class Shared:
    """What clients hand to one another: what can be reversed, captured, cancelled or asked for again."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.transactions: list[tuple[str, str, str]] = []
        self.holds: list[tuple[str, str, int]] = []
        self.claims: list[tuple[str, str]] = []
        self.answered: deque[tuple[Request, bytes]] = deque(maxlen=REMEMBERED)
        self.refused_in_doubt: list[Request] = []
        """Refused at last, after an attempt that may have taken effect later than the refusal."""
        self.is_over = False


class Client:
    """One caller: one request at a time, through any of the doors."""

    def __init__(self, name: str, doors: list[str], dice: Random, model: Model, report: Report, shared: Shared) -> None:
        self.name = name
        self._connections = [Connection(door) for door in doors]
        self._dice = dice
        self._model = model
        self._report = report
        self._shared = shared
        self._keys = numbered(name)
        self._changes = 0
        self._life: deque[Callable[[], Request]] = deque()
        self.on_attempt: Callable[[float, Reply], None] = lambda _began, _reply: None

    async def run(self) -> None:
        while not self._shared.is_over:
            await self.settle(self._wanted())
            await asyncio.sleep(self._dice.expovariate(1 / THINK_SECONDS))
        for connection in self._connections:
            connection.close()

    async def settle(self, request: Request) -> Reply | None:
        """Asks until the outcome is known; takes it down. None if it never was."""
        began = time.monotonic()
        while time.monotonic() - began < GIVEN_UP_SECONDS:
            reply = await self.attempt(request)
            if self._is_settled(request, reply):
                self._take_down(request, reply)
                return reply
            self._report.counts["attempts asked again"] += 1
            await asyncio.sleep(self._dice.uniform(0.02, 0.3))
        self._report.find("no outcome in minutes", (request.kind, request.body))
        return None

    async def attempt(self, request: Request) -> Reply:
        # What has an order is not hurried: an attempt left behind on one server could take effect after later ones.
        has_order = (request.key is None and not request.items) or request.participant.startswith(("leaver", "member"))
        hurried = not has_order and self._dice.random() < HURRIED_SHARE
        seconds = self._dice.uniform(0.005, 0.3) if hurried else PATIENT_SECONDS
        began = time.monotonic()
        connection = self._dice.choice(self._connections)
        reply = await connection.send(request.method, request.path, request.body, seconds=seconds)
        self.on_attempt(began, reply)
        if not hurried and time.monotonic() - began >= PATIENT_SECONDS:
            self._report.find("no answer in a minute", (request.kind, request.body))
        if hurried and reply.status == 0:
            self._report.counts["callers that hung up"] += 1
        return reply

    def _is_settled(self, request: Request, reply: Reply) -> bool:
        self._report.counts[f"status {reply.status}"] += 1
        if reply.status in (0, 503):
            request.is_in_doubt |= reply.status == 0 or "outcome-unknown" in reply.headers
            return False
        if reply.status >= 500:
            self._report.find(f"status {reply.status}", (request.kind, request.body, reply.body))
            request.is_in_doubt = True
            return False
        if request.items and reply.status == 200:
            errors = [result["error"] for result in reply.json()["results"] if result["error"]]
            request.is_in_doubt |= any(OUTCOME_UNKNOWN in error for error in errors)
            if unexpected := [error for error in errors if not any(part in error for part in UNSETTLED)]:
                self._report.find("an item of a batch was refused", (request.body, unexpected))
            return not errors
        return True

    def _take_down(self, request: Request, reply: Reply) -> None:
        if reply.status in (200, 201):
            self._model.accept(request, reply)
            self._remember(request, reply)
        elif request.is_in_doubt and _says_done(request.kind, reply):
            self._model.accept(request, Reply(200, {}, b"{}"))
        elif reply.status in request.refusable:
            self._report.refused[request.kind] += 1
            if request.is_in_doubt:
                self._shared.refused_in_doubt.append(request)
        else:
            self._report.find(f"a {request.kind} was refused that had to be carried out", (request.body, reply.body))

    def _remember(self, request: Request, reply: Reply) -> None:
        shared, answer = self._shared, reply.json()
        if request.participant.startswith("shared"):
            if request.kind in ("award", "deduct") and self._dice.random() < 0.3:
                shared.transactions.append((request.kind, request.participant, answer["transaction_id"]))
            if request.kind == "hold":
                shared.holds.append((request.participant, answer["hold_id"], answer["amount"]))
            if request.kind == "claim":
                shared.claims.append((request.participant, answer["claim_id"]))
        if request.key is not None and request.participant.startswith(("shared", "member")):
            shared.answered.append((request, reply.body))

    # What it wants

    def _wanted(self) -> Request:
        if self._life and self._dice.random() < 0.5:
            return self._go_on()
        weights = {
            self._award: 20,
            self._deduct: 10,
            self._award_batch: 3,
            self._event: 14,
            self._event_batch: 3,
            self._streak: 6,
            self._badge: 4,
            self._claim: 7,
            self._hold: 6,
            self._end_hold: 6,
            self._reverse: 5,
            self._end_claim: 2,
            self._change: 3,
            self._register: 1,
            self._mayfly: 2,
            self._begin_life: 3,
            self._begin_membership: 3,
        }
        return self._dice.choices(list(weights), list(weights.values()))[0]()

    def _key(self) -> str:
        return next(self._keys)

    def _somebody(self) -> str:
        return f"shared_{self._dice.randrange(self._shared.people)}"

    def _moment(self) -> str:
        day = datetime.now(UTC) - timedelta(days=self._dice.randrange(2, 90))
        return f"{day:%Y-%m-%d}T12:00:00Z"

    def _keyed(self, kind: str, path: str, participant: str, body: dict[str, Any], **more: Any) -> Request:
        key = self._key()
        whole = {"participant_id": participant, "idempotency_key": key, **body}
        return Request(kind, path, whole, participant, key=key, **more)

    def _award(self, name: str | None = None) -> Request:
        amount = self._dice.randint(1, 50)
        return self._keyed("award", "/points/award", name or self._somebody(), {"amount": amount})

    def greeting(self, name: str) -> Request:
        return self._plain("register", "/participants", name, {"attributes": {}})

    def pulse(self) -> Request:
        return self._award(f"pulse_{self.name}")

    def _deduct(self) -> Request:
        body = {"amount": self._dice.randint(1, 60)}
        return self._keyed("deduct", "/points/deduct", self._somebody(), body, refusable=(400,))

    def _hold(self) -> Request:
        body = {"amount": self._dice.randint(1, 40), "expires_in_minutes": 1_440}
        return self._keyed("hold", "/points/hold", self._somebody(), body, refusable=(400,))

    def _end_hold(self) -> Request:
        holds = self._shared.holds
        if not holds:
            return self._hold()
        name, hold_id, amount = holds.pop(self._dice.randrange(len(holds)))
        if self._dice.random() < 0.4:
            return self._keyed("release", "/points/release", name, {"hold_id": hold_id})
        part = {"amount": self._dice.randint(1, amount)} if self._dice.random() < 0.5 else {}
        return self._keyed("capture", "/points/capture", name, {"hold_id": hold_id, **part})

    def _reverse(self) -> Request:
        transactions = self._shared.transactions
        if not transactions:
            return self._award()
        kind, name, transaction_id = transactions.pop(self._dice.randrange(len(transactions)))
        part = {"amount": 1} if self._dice.random() < 0.3 else {}
        # The points of an award may have been spent; those of a deduct can always be given back.
        refusable = (400,) if kind == "award" else ()
        body = {"transaction_id": transaction_id, **part}
        return self._keyed("reverse", "/points/reverse", name, body, about=kind, refusable=refusable)

    def _award_batch(self) -> Request:
        items = [self._award() for _ in range(self._dice.randint(2, 20))]
        return Request("award", "/points/award-batch", {"awards": [item.body for item in items]}, "", items=items)

    def _event(self) -> Request:
        kind = self._dice.choice(("lesson", "lesson", "chest", "walk"))
        body = {"event_name": kind, "properties": {"n": self._dice.randrange(100)}, "timestamp": self._moment()}
        return self._keyed("event", "/events", self._somebody(), body)

    def _event_batch(self) -> Request:
        items = [self._event() for _ in range(self._dice.randint(2, 10))]
        return Request("event", "/events/batch", {"events": [item.body for item in items]}, "", items=items)

    def _claim(self) -> Request:
        reward = self._dice.choice((COUPON, COUPON, COUPON, TRINKET, SCARCE))
        body = {"points_deduction": True}
        return self._keyed("claim", f"/rewards/{reward}/claim", self._somebody(), body, about=reward, refusable=(400,))

    def _end_claim(self) -> Request:
        claims = self._shared.claims
        if not claims:
            return self._claim()
        name, claim_id = claims.pop(self._dice.randrange(len(claims)))
        kind = self._dice.choice(("cancel", "cancel", "fulfil"))
        return self._plain(kind, f"/admin/claims/{kind}", name, {"claim_id": claim_id, "reason": "torture"})

    def _mayfly(self) -> Request:
        """Points that nobody spends and that are gone soon."""
        expires_at = datetime.now(UTC) + timedelta(seconds=self._dice.uniform(1, LIFE_SECONDS))
        body = {"amount": self._dice.randint(1, 20), "expires_at": expires_at.isoformat()}
        return self._keyed("award", "/points/award", f"mayfly_{self.name}", body, refusable=(422,))

    # Without a key: to do it twice is to do it once.

    def _plain(self, kind: str, path: str, name: str, body: dict[str, Any], **more: Any) -> Request:
        return Request(kind, path, {"participant_id": name, **body}, name, **more)

    def _streak(self) -> Request:
        body = {"streak_code": STREAK, "timestamp": self._moment()}
        return self._plain("streak", "/streaks/record", self._somebody(), body)

    def _badge(self, name: str | None = None) -> Request:
        body = {"badge_code": self._dice.choice(BADGES)}
        return self._plain("badge", "/badges/award", name or self._somebody(), body)

    def _change(self) -> Request:
        # A field of the client's own, whose last value is the last that it saved.
        self._changes += 1
        name = self._somebody()
        body = {"attributes": {self.name: self._changes}}
        return Request("change", f"/participants/{name}", body, name, method="PATCH")

    def _register(self) -> Request:
        self._changes += 1
        body = {"attributes": {self.name: self._changes}}
        return self._plain("register", "/participants", self._somebody(), body)

    # People of the client's own: what is done to them has an order.

    def _go_on(self) -> Request:
        return self._life.popleft()()

    def _begin_life(self) -> Request:
        """Somebody who is registered, lives a little and is deleted."""
        if self._life:
            return self._go_on()
        name = f"leaver_{self.name}"
        for _ in range(self._dice.randint(1, 5)):
            self._life.append(self._dice.choice((lambda: self._award(name), lambda: self._coupon(name))))
        self._life.append(lambda: self._first_badge("badge", "/badges/award", name))
        self._life.append(lambda: self._first_badge("revoke", "/admin/badges/revoke", name))
        self._life.append(lambda: Request("delete", f"/admin/participants/{name}", {}, name, method="DELETE"))
        body = {"attributes": {"life": self._key()}}
        return self._plain("register", "/participants", name, body)

    def _coupon(self, name: str) -> Request:
        return self._keyed("claim", f"/rewards/{TRINKET}/claim", name, {}, about=TRINKET)

    def _first_badge(self, kind: str, path: str, name: str) -> Request:
        return self._plain(kind, path, name, {"badge_code": BADGES[0]})

    def _begin_membership(self) -> Request:
        """Visits count in the challenge that was joined, and are lost when it is left."""
        if self._life:
            return self._go_on()
        name = f"member_{self.name}"
        for _ in range(self._dice.randint(1, 6)):
            self._life.append(lambda: self._keyed("event", "/events", name, {"event_name": "visit"}))
        if self._dice.random() < 0.5:
            self._life.append(lambda: self._plain("leave", "/challenges/club/leave", name, {}))
        return self._plain("join", "/challenges/club/join", name, {})


def _says_done(kind: str, reply: Reply) -> bool:
    """What a call without a key is told when an attempt before has done it."""
    match kind:
        case "delete":
            return reply.status == 404
        case "leave" | "revoke":
            return reply.status == 400
        case "cancel":
            return b"cancelled already" in reply.body
        case "fulfil":
            return b"fulfilled already" in reply.body
    return False


async def repeat_old(client: Client, shared: Shared, dice: Random, report: Report) -> None:
    """A nervous application asks again for what it has been told long ago: it must be told the same bytes."""
    while not shared.is_over:
        await asyncio.sleep(dice.expovariate(5))
        if not shared.answered:
            continue
        request, told = dice.choice(shared.answered)
        reply = await client.attempt(request)
        report.counts["old requests sent again"] += 1
        if reply.status in (0, 503):
            continue
        if (reply.status, reply.body) not in ((200, told), (201, told)):
            report.find("an old request was answered anew", (request.body, told, reply.status, reply.body))
