"""A receiver of webhooks: it verifies requests, handles each event once, and puts the events of a participant in order.

    LAURELS_SECRET=whsec_… PORT=3001 python examples/receiver.py

It keeps the last balance and the tier of each participant. They are in memory, so that the example is short; a real
receiver has a table with the event's id as its primary key, and writes to it in the transaction of the effects.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from laurels.client import NotVerifiedError, verify

SECRET = os.environ["LAURELS_SECRET"]

lock = Lock()
handled: set[str] = set()
people: dict[str, dict[str, Any]] = {}


def handle(event: dict[str, Any]) -> None:
    """Handles an event. A delivery may be repeated, so an id that is known is left out."""
    with lock:
        if event["id"] in handled:
            return
        handled.add(event["id"])
        participant_id, sequence = event.get("participant_id"), event.get("sequence")
        if event["type"] in ("participant.deleted", "participant.anonymised"):
            # A later participant with this id is another one, whose events are numbered from the beginning.
            people.pop(participant_id, None)
        if participant_id is None or sequence is None:
            return
        person = people.setdefault(participant_id, {"sequence": 0, "balance": None, "tier": None, "events": []})
        person["events"] = sorted([*person["events"], [sequence, event["type"]]])
        # An event that was sent again later must not replace newer values.
        if sequence >= person["sequence"]:
            person["sequence"] = sequence
            person["balance"] = event["data"].get("balance_after", person["balance"])
            if event["type"] == "tier.changed":
                person["tier"] = event["data"].get("code")


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            event = verify(dict(self.headers.items()), body, SECRET)
        except NotVerifiedError as error:
            return self.respond(400, {"error": str(error)})
        handle(event)
        return self.respond(200, {})

    def do_GET(self) -> None:
        self.respond(200, people)

    def respond(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3001"))), Receiver)
    print(f"The receiver listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
