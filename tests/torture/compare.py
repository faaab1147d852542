"""The model against the API and the database, when all is quiet."""

from collections import Counter
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import httpx
import psycopg

from tests.torture.definitions import BONUS_TIMES, COUPON, LESSONS_A_RUN, SCARCE, STOCK, STREAK, TRINKET
from tests.torture.model import Model, Person
from tests.torture.report import Report

# Facts of which an answer told the id. Expiries, releases and what moves no points are counted instead.
TOLD_KINDS = (
    "points_awarded",
    "points_deducted",
    "points_held",
    "hold_captured",
    "award_reversed",
    "deduct_reversed",
    "reward_claimed",
    "event_recorded",
)


class Comparison:
    def __init__(self, model: Model, report: Report) -> None:
        self._model = model
        self._report = report

    def run(self, api: httpx.Client, database_url: str) -> None:
        for name, person in sorted(self._model.people.items()):
            self._person(api, name, person)
        for name in sorted(self._model.erased):
            self._same("a deleted participant is gone", name, api.get(f"/participants/{name}").status_code, 404)
        self._codes(api)
        with psycopg.connect(database_url) as connection:
            self._journal(connection)
            self._keys(connection)
            self._limits(connection)

    def _same(self, what: str, who: str, stored: object, expected: object) -> None:
        self._report.compared[what] += 1
        if stored != expected:
            self._report.find(f"not as told: {what}", f"{who}: stored {stored}, expected {expected}")

    # Over the API

    def _person(self, api: httpx.Client, name: str, person: Person) -> None:
        points = api.get(f"/participants/{name}/points").json()
        stored = tuple(points.get(field) for field in ("balance", "total_earned", "total_spent", "held"))
        self._same("points", name, stored, (person.balance, person.earned, person.spent, person.held))
        if person.all_expires:
            self._same("expired points", name, points.get("total_expired"), person.earned)
        else:
            transactions = api.get(f"/participants/{name}/points/transactions").json()
            self._same("numbers of transactions", name, transactions.get("total"), person.transactions)
        profile = api.get(f"/participants/{name}").json()
        self._same("numbers of events", name, profile.get("total_events"), person.events.total())
        self._same("attributes", name, profile.get("attributes"), person.attributes)
        badges = api.get(f"/participants/{name}/badges?earned_only=true").json()["badges"]
        self._same("badges", name, {badge["code"] for badge in badges}, person.badges)
        holds = api.get(f"/participants/{name}/points/holds").json()["holds"]
        self._same("open holds", name, {hold["hold_id"]: hold["amount"] for hold in holds}, person.holds)
        self._streak(api, name, person)
        self._challenges(api, name, person)
        self._claims(api, name, person)
        level = ((profile.get("tier") or {}).get("level")) or 0
        self._same("tiers, at least those told", name, level >= person.tier_level, True)

    def _streak(self, api: httpx.Client, name: str, person: Person) -> None:
        streaks = {each["code"]: each for each in api.get(f"/participants/{name}/streaks").json()["streaks"]}
        found = streaks[STREAK]
        last = max(person.days, default=None)
        told = (found["longest_count"], (found["last_recorded_at"] or "")[:10] or None)
        self._same("streaks", name, told, (person.longest_streak(), last))
        is_alive = last is not None and (datetime.now(UTC).date() - datetime.fromisoformat(last).date()).days <= 1
        self._same("streaks that are alive", name, found["current_count"] > 0, is_alive)

    def _challenges(self, api: httpx.Client, name: str, person: Person) -> None:
        found = {each["code"]: each for each in api.get(f"/participants/{name}/challenges").json()["challenges"]}
        lessons = person.events["lesson"]
        runs, progress = divmod(lessons, LESSONS_A_RUN)
        five = found["five"]
        stored = (five["completions"], five["objectives"][0]["progress"])
        self._same("challenges", name, stored, (runs, progress))
        self._same("completions told", name, person.completed["five"], runs)
        club = found["club"]
        visits = None if person.in_club_since is None else person.events["visit"] - person.in_club_since
        stored_visits = club["objectives"][0]["progress"] if club["status"] == "active" else None
        self._same("challenges joined by calls", name, stored_visits, visits)

    def _claims(self, api: httpx.Client, name: str, person: Person) -> None:
        stored: dict[str, tuple[Any, ...]] = {}
        page = 1
        while rows := api.get(f"/participants/{name}/rewards?page_size=100&page={page}").json()["rewards"]:
            for row in rows:
                stored[row["claim_id"]] = (row["reward_code"], row["code_value"], row["points_deducted"], row["status"])
            page += 1
        expected = {
            claim_id: (claim.reward, claim.code, claim.points, claim.status)
            for claim_id, claim in person.claims.items()
        }
        self._same("claims", name, stored, expected)

    def _codes(self, api: httpx.Client) -> None:
        """One code a claim, one claim a code, and no more pieces than there are."""
        standing = [
            claim
            for person in self._model.people.values()
            for claim in person.claims.values()
            if claim.status != "cancelled"
        ]
        given = Counter(claim.code for claim in standing if claim.code is not None)
        self._same("codes given once", "all", [code for code, times in given.items() if times > 1], [])
        taken = Counter(claim.reward for claim in standing) + self._model.codes
        for reward in (COUPON, TRINKET):
            stored = api.get(f"/admin/rewards/{reward}/codes").json()["claimed"]
            self._same("codes claimed", reward, stored, taken[reward])
        self._same("stock not exceeded", SCARCE, taken[SCARCE] <= STOCK, True)

    # In the database

    def _journal(self, connection: psycopg.Connection[Any]) -> None:
        """Every fact that an answer told of is there, and no other one of these kinds."""
        told = {fact: balance for person in self._model.people.values() for fact, balance in person.facts.items()}
        rows = connection.execute(
            "SELECT id::text, kind, (data->>'balance_after')::bigint FROM journal WHERE kind = ANY (%s)",
            (list(TOLD_KINDS),),
        )
        stored = {fact: (kind, balance) for fact, kind, balance in rows}
        for fact, (kind, balance) in stored.items():
            if fact not in told:
                self._report.find("a fact nobody was told of: doubled or done in part", (fact, kind))
            elif told[fact] is not None and told[fact] != balance:
                self._report.find("a fact with another balance than told", (fact, kind, balance, told[fact]))
        for fact in told.keys() - stored.keys():
            self._report.find("a fact that was told is not there: an acknowledged write is lost", fact)
        self._report.compared["facts"] += len(told.keys() | stored.keys())

    def _keys(self, connection: psycopg.Connection[Any]) -> None:
        """Every acknowledged key with the bytes that were told, and no other one."""
        told = {
            (name, *use): digest for name, person in self._model.people.items() for use, digest in person.keys.items()
        }
        rows = connection.execute(
            "SELECT p.participant_id, i.key, i.answer FROM idempotency i JOIN participant p USING (lane, subject)"
        )
        stored = {(name, key): blake2b(answer, digest_size=16).digest() for name, key, answer in rows}
        expected = {(name, key): digest for (name, _, key), digest in told.items()}
        for use in stored.keys() ^ expected.keys():
            self._report.find("a key that is kept and was not acknowledged, or the other way round", use)
        for use in stored.keys() & expected.keys():
            if expected[use] is not None and expected[use] != stored[use]:
                self._report.find("a key with another answer than told", use)
        self._report.compared["keys"] += len(stored.keys() | expected.keys())

    def _limits(self, connection: psycopg.Connection[Any]) -> None:
        row = connection.execute(
            "SELECT count(*) FROM journal j JOIN definition d ON d.id::text = j.data->>'due_to'"
            " WHERE d.code = 'bonus' AND j.kind = 'points_awarded'"
        ).fetchone()
        assert row is not None
        lessons = sum(person.events["lesson"] for person in self._model.people.values())
        self._same("a limit in total", "bonus", row[0], min(BONUS_TIMES, lessons))
