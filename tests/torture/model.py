"""What must be true, from the answers alone."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from tests.hammer import Reply
from tests.torture.report import Report

BY_TRANSACTION = ("award", "deduct", "reverse", "capture")


@dataclass
class Request:
    """One thing a client wants. `kind` says what; `key` is its idempotency key, where the call takes one."""

    kind: str
    path: str
    body: dict[str, Any]
    participant: str
    key: str | None = None
    about: str = ""
    """What else the model has to know: the reward that is claimed, the kind of transaction that is reversed."""
    method: str = "POST"
    items: list["Request"] = field(default_factory=list)
    refusable: tuple[int, ...] = ()
    is_in_doubt: bool = False
    """Some attempt may have taken effect without our knowing."""


@dataclass
class Claim:
    reward: str
    code: str | None
    points: int
    status: str = "claimed"


@dataclass
class Person:
    earned: int = 0
    spent: int = 0
    held: int = 0
    transactions: int = 0
    tier_level: int = 0
    all_expires: bool = False
    events: Counter[str] = field(default_factory=Counter)
    badges: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    attributes: dict[str, Any] = field(default_factory=dict)
    completed: Counter[str] = field(default_factory=Counter)
    claims: dict[str, Claim] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)
    # Ids of told facts, with the balance after them where the answer says it.
    facts: dict[str, int | None] = field(default_factory=dict)
    # What each key answered: a digest of the bytes, None for an item of a batch.
    keys: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    in_club_since: int | None = None
    """Visits before the present run in the challenge that is joined by calls."""

    @property
    def balance(self) -> int:
        return 0 if self.all_expires else self.earned - self.spent - self.held

    def longest_streak(self) -> int:
        """The longest run of days one after another."""
        best = run = 0
        previous = None
        for day in sorted(date.fromisoformat(text) for text in self.days):
            run = run + 1 if previous is not None and day - previous == timedelta(days=1) else 1
            best, previous = max(best, run), day
        return best


class Model:
    def __init__(self, report: Report) -> None:
        self.people: dict[str, Person] = {}
        self.erased: set[str] = set()
        self.codes: Counter[str] = Counter()
        """What the claims of people erased since have taken, by reward."""
        self._report = report

    def person(self, name: str) -> Person:
        self.erased.discard(name)
        return self.people.setdefault(name, Person(all_expires=name.startswith("mayfly")))

    def accept(self, request: Request, reply: Reply) -> None:
        """Takes down an answer that says the request was carried out."""
        answer = reply.json()
        if request.items:
            for item, result in zip(request.items, answer["results"], strict=True):
                self._accept_one(item, result, None)
            return
        was_replayed = "idempotency-replayed" in reply.headers
        if was_replayed and not request.is_in_doubt:
            self._report.find("carried out although no attempt before was in doubt", (request.body, reply.body))
        self._report.counts["replays told to a retry"] += was_replayed
        self._accept_one(request, answer, blake2b(reply.body, digest_size=16).digest())

    def _accept_one(self, request: Request, answer: dict[str, Any], digest: bytes | None) -> None:
        self._report.acknowledged[request.kind] += 1
        if request.kind == "delete":
            self._erase(request.participant)
            return
        person = self.person(request.participant)
        if request.key is not None:
            person.keys[request.kind, request.key] = digest
        getattr(self, f"_{request.kind}")(person, request, answer)
        for name, balance in _told_facts(request.kind, answer):
            if name in person.facts:
                self._report.find("two answers told of the same fact", (request.body, answer))
            person.facts[name] = balance
        self._follow(person, request, answer.get("effects") or {})
        upgrade = answer.get("tier_upgrade")
        person.tier_level = max(person.tier_level, upgrade["level"] if upgrade else 0)

    def _erase(self, name: str) -> None:
        gone = self.people.pop(name, None)
        self.erased.add(name)
        for claim in gone.claims.values() if gone else ():
            self.codes[claim.reward] += claim.status != "cancelled"

    # What each command does. An answer of a batch does not repeat the amount.

    def _award(self, person: Person, request: Request, answer: dict[str, Any]) -> None:
        if answer.get("amount", request.body["amount"]) != request.body["amount"]:
            self._report.find("an award of another amount than asked for", (request.body, answer))
        person.earned += request.body["amount"]
        person.transactions += 1

    def _deduct(self, person: Person, _request: Request, answer: dict[str, Any]) -> None:
        person.spent += answer["amount"]
        person.transactions += 1

    def _hold(self, person: Person, _request: Request, answer: dict[str, Any]) -> None:
        person.held += answer["amount"]
        person.holds[answer["hold_id"]] = answer["amount"]
        person.transactions += 1

    def _capture(self, person: Person, _request: Request, answer: dict[str, Any]) -> None:
        held = person.holds.pop(answer["hold_id"])
        if held != answer["amount"] + answer["released_amount"]:
            self._report.find("a hold was captured in parts that are not the whole", answer)
        person.held -= held
        person.spent += answer["amount"]
        person.transactions += 1 + (answer["released_amount"] > 0)

    def _release(self, person: Person, _request: Request, answer: dict[str, Any]) -> None:
        person.held -= person.holds.pop(answer["hold_id"])
        person.transactions += 1

    def _reverse(self, person: Person, request: Request, answer: dict[str, Any]) -> None:
        if request.about == "award":
            person.earned -= answer["amount"]
        else:
            person.spent -= answer["amount"]
        person.transactions += 1

    def _event(self, person: Person, request: Request, _answer: dict[str, Any]) -> None:
        person.events[request.body["event_name"]] += 1

    def _streak(self, person: Person, request: Request, _answer: dict[str, Any]) -> None:
        person.days.add(request.body["timestamp"][:10])

    def _badge(self, person: Person, request: Request, _answer: dict[str, Any]) -> None:
        person.badges.add(request.body["badge_code"])

    def _revoke(self, person: Person, request: Request, _answer: dict[str, Any]) -> None:
        person.badges.discard(request.body["badge_code"])

    def _claim(self, person: Person, request: Request, answer: dict[str, Any]) -> None:
        cost = answer["points_deducted"]
        person.spent += cost
        person.transactions += cost > 0
        person.claims[answer["claim_id"]] = Claim(request.about, answer["code_value"], cost)

    def _cancel(self, person: Person, request: Request, _answer: dict[str, Any]) -> None:
        """Also by a refusal that says it has been cancelled already."""
        claim = person.claims[request.body["claim_id"]]
        claim.status = "cancelled"
        person.spent -= claim.points
        person.transactions += claim.points > 0

    def _fulfil(self, person: Person, request: Request, _answer: dict[str, Any]) -> None:
        person.claims[request.body["claim_id"]].status = "fulfilled"

    def _register(self, person: Person, request: Request, answer: dict[str, Any]) -> None:
        self._change(person, request, answer)

    def _change(self, person: Person, request: Request, answer: dict[str, Any]) -> None:
        person.attributes |= request.body["attributes"]
        for name, value in request.body["attributes"].items():
            if answer["attributes"].get(name) != value:
                self._report.find("a profile answered without what was just saved", (request.body, answer))

    def _join(self, person: Person, _request: Request, _answer: dict[str, Any]) -> None:
        if person.in_club_since is None:
            person.in_club_since = person.events["visit"]

    def _leave(self, person: Person, _request: Request, _answer: dict[str, Any]) -> None:
        person.in_club_since = None

    def _follow(self, person: Person, request: Request, effects: dict[str, Any]) -> None:
        """What a command set off."""
        for moved in effects.get("points", ()):
            person.transactions += 1
            if moved["amount"] > 0:
                person.earned += moved["amount"]
            else:
                person.spent -= moved["amount"]
        if sum(moved["due_to"] == "chest" for moved in effects.get("points", ())) != len(effects.get("rewards", ())):
            self._report.find("a rule acted in part", (request.body, effects))
        for given in effects.get("rewards", ()):
            person.claims[given["claim_id"]] = Claim(given["reward_code"], given["code_value"], 0)
        person.badges.update(badge["badge_code"] for badge in effects.get("badges", ()))
        for challenge in effects.get("challenges", ()):
            person.completed[challenge["challenge_code"]] += challenge["completed"]
        if request.kind == "event" and request.body["event_name"] == "lesson":
            # The rule records the day whether it is new or not; effects tell of new ones alone.
            person.days.add(request.body["timestamp"][:10])
        upgrade = effects.get("tier_upgrade")
        person.tier_level = max(person.tier_level, upgrade["level"] if upgrade else 0)


def _told_facts(kind: str, answer: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    """Ids of facts, and the balance after them. A capture's `new_balance` is that after the release that follows it,
    an award's may be that after its effects."""
    effects = answer.get("effects") or {}
    if kind in BY_TRANSACTION:
        yield answer["transaction_id"], answer["new_balance"] if kind in ("deduct", "reverse") else None
    for name in ("hold_id",) if kind == "hold" else ("event_id",) if kind == "event" else ():
        yield answer[name], None
    if kind == "claim":
        yield answer["claim_id"], None
    yield from ((moved["transaction_id"], moved["new_balance"]) for moved in effects.get("points", ()))
    yield from ((given["claim_id"], None) for given in effects.get("rewards", ()))


def numbered(prefix: str) -> Iterator[str]:
    """Keys that no other client has."""
    return (f"{prefix}-{number}" for number in itertools.count())
