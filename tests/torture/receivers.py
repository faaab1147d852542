"""Receivers of webhooks that fail, hang, cut and go away during the run, and the events that they have in the end."""

import sys
import threading
import time
from random import Random

import httpx
import psycopg

from tests.receiver import Received, Receiver, Response
from tests.torture.report import Report

NETWORKS = "127.0.0.0/8"
SETTLE_SECONDS = 60.0
"""The longest time in which the number of waiting deliveries does not fall."""
HANG_SECONDS = 16.0
"""Longer than the time limit of an attempt."""
AWAY_SECONDS = 2.0

_WAITING = """
SELECT (SELECT count(*) FROM webhook_delivery WHERE state = 'waiting')
    + (SELECT count(*) FROM webhook w JOIN feed_event e ON e.project_id = w.project_id AND e.position > w.position)
    + (SELECT count(*) FROM outbox)
"""
_HURRY = "UPDATE webhook_delivery SET due_at = now() WHERE state = 'waiting' AND due_at > now()"
_SENT = "SELECT number, event_id::text, state FROM webhook_delivery WHERE webhook_id = %s ORDER BY number"
_EVENTS = """
SELECT e.id::text FROM feed_event e JOIN webhook w ON w.project_id = e.project_id WHERE w.id = %s AND e.position > %s
"""

_ERASURES = ("participant.anonymised", "participant.deleted")


class Receivers:
    """One webhook for each way to misbehave."""

    def __init__(self, dice: Random, report: Report) -> None:
        self._dice = dice
        self._report = report
        self._is_over = threading.Event()
        self._behaviours = {
            "fine": Receiver(),
            "failing": Receiver(self._failing),
            "hanging": Receiver(self._hanging),
            "cutting": Receiver(self._cutting),
            "away": Receiver(),
        }
        self._webhooks: dict[str, tuple[str, int]] = {}
        """The id of each webhook, and its first position in the feed."""
        self._leaving = threading.Thread(target=self._leave_and_return, daemon=True)

    def start(self, api: httpx.Client, database_url: str) -> None:
        for name, receiver in self._behaviours.items():
            receiver.start()
            body = {"code": name, "name": name, "url": receiver.url, "types": ["*"], "include_historical": True}
            reply = api.post("/admin/webhooks", json=body)
            assert reply.status_code == 201, reply.text
            with psycopg.connect(database_url) as connection:
                row = connection.execute("SELECT position FROM webhook WHERE id = %s", (reply.json()["id"],)).fetchone()
            assert row is not None
            self._webhooks[name] = (reply.json()["id"], row[0])
        self._leaving.start()

    def settle(self, database_url: str) -> None:
        """From now on all receivers are well. Waits until nothing waits, without the long pauses between attempts."""
        self._is_over.set()
        self._leaving.join()
        least, deadline = sys.maxsize, time.monotonic() + SETTLE_SECONDS
        with psycopg.connect(database_url, autocommit=True) as connection:
            while time.monotonic() < deadline:
                row = connection.execute(_WAITING).fetchone()
                assert row is not None
                if row[0] == 0:
                    return
                if row[0] < least:
                    least, deadline = row[0], time.monotonic() + SETTLE_SECONDS
                connection.execute(_HURRY)
                time.sleep(0.5)
        self._report.find("deliveries still wait at the end", row)

    def compare(self, database_url: str) -> None:
        """Every event was received under its id, numbers have no gap, and participants' events came in order."""
        with psycopg.connect(database_url) as connection:
            for name, (webhook_id, position) in self._webhooks.items():
                events = {row[0] for row in connection.execute(_EVENTS, (webhook_id, position))}
                sent = connection.execute(_SENT, (webhook_id,)).fetchall()
                self._compare_one(name, events, sent)

    def stop(self) -> None:
        self._is_over.set()
        for receiver in self._behaviours.values():
            receiver.stop()

    def _compare_one(self, name: str, events: set[str], sent: list[tuple[int, str, str]]) -> None:
        received = self._behaviours[name].received
        self._report.compared["events at receivers"] += len(events)
        self._report.counts[f"requests at the receiver that is {name}"] = len(received)
        if lost := events - {each.id for each in received}:
            self._report.find("an event never reached a receiver", f"{name}: {len(lost)} of {len(events)}, {min(lost)}")
        if [number for number, _, _ in sent] != list(range(1, len(sent) + 1)):
            self._report.find("delivery numbers have a gap", name)
        if len({event_id for _, event_id, _ in sent}) < len(sent):
            self._report.find("an event has two deliveries", name)
        ids = {number: event_id for number, event_id, _ in sent}
        if wrong := [each for each in received if ids.get(each.number) != each.id]:
            self._report.find("a number was used for two events", f"{name}: {wrong[0].number}")
        if failed := [number for number, _, state in sent if state != "delivered"]:
            self._report.find("a delivery was not delivered", f"{name}: {failed[0]}")
        self._compare_order(name, received)

    def _compare_order(self, name: str, received: list[Received]) -> None:
        """An erasure ends the participant: the next one with this id counts from the beginning."""
        known: set[str] = set()
        last: dict[str, int] = {}
        for each in received:
            event = each.event
            person, sequence = event["participant_id"], event["sequence"]
            if each.id in known or person is None:
                continue
            known.add(each.id)
            if event["type"] in _ERASURES:
                self._report.compared["erasures at receivers"] += 1
                last.pop(person, None)
            elif sequence is not None:
                if sequence < last.get(person, 0):
                    self._report.find("a participant's events came out of order", f"{name}: {person} {sequence}")
                last[person] = sequence

    def _failing(self, _: Received) -> Response:
        return Response(500 if self._misbehaves(0.1) else 200)

    def _hanging(self, _: Received) -> Response:
        return Response(after_seconds=HANG_SECONDS if self._misbehaves(0.01) else 0)

    def _cutting(self, _: Received) -> Response:
        return Response(cut=self._misbehaves(0.1))

    def _misbehaves(self, share: float) -> bool:
        return not self._is_over.is_set() and self._dice.random() < share

    def _leave_and_return(self) -> None:
        receiver = self._behaviours["away"]
        while not self._is_over.wait(AWAY_SECONDS):
            receiver.stop()
            self._is_over.wait(AWAY_SECONDS)
            receiver.start()
