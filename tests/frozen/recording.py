"""Random histories, recorded with all that was answered and with the journal's rows.

They are played in a test project whose clock stands in the future, so that its days and weeks are the same whenever
that is. Ids are numbered in the order in which they are first seen; times are cut to DRIFT_SECONDS, into which the time
that the test itself takes has to fit.
"""

import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests import histories
from tests.checks import query

SEEDS = (11, 12)
STEPS = 150
PEOPLE = ("ada", "bob", "eve")
DRIFT_SECONDS = 200
STARTS_AT = datetime(2040, 3, 1, 8, 0, tzinfo=UTC)
assert STARTS_AT.timestamp() % DRIFT_SECONDS == 0

BOARDS = [
    {"code": "earned", "name": "Earned", "metric": "points_earned"},
    {"code": "spent", "name": "Spent", "metric": "event_sum", "event_name": "order", "property": "amount"},
]
_READS = (
    "",
    "/points",
    "/points/transactions?page_size=100",
    "/events?page_size=100",
    "/state",
    "/points/holds",
    "/badges",
    "/streaks",
    "/challenges",
    "/rewards",
    "/tier",
)
_PROJECT_READS = (
    "/leaderboards/earned",
    "/leaderboards/spent?period=weekly",
    "/rewards",
    "/challenges",
    "/admin/participants?sort=participant_id",
    "/admin/claims",
    "/admin/liability",
    *(f"/admin/{section}" for section in histories.EVERYTHING),
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# They follow the order of tests, and how soon boards are filled.
_COUNTERS = re.compile(r'"(definitions_version|project_id)": \d+')
# Results of windows are stored in the background.
_RESULTS = re.compile(r', "results": \[[^\]]*\]')
# New boards are filled in the background.
_FILLING = re.compile(r'"status": "(?:waiting|filling|ready)", "progress": [0-9.]+')
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")


class Recording:
    """`lines` are one request with its response each, or one row of the journal, as JSON."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._is_on = True

    def hear(self, response: httpx.Response) -> None:
        """For an httpx client's hook."""
        if not self._is_on or response.request.url.path.endswith("/admin/clock"):
            return
        response.read()
        request = response.request
        path = request.url.raw_path.decode().partition("/gamify")[2]
        sent = json.loads(request.content) if request.content else None
        self.add([f"{request.method} {path}", sent, response.status_code, _body(response)])

    def add(self, line: list[Any]) -> None:
        text = json.dumps(line, ensure_ascii=False)
        text = _TIME.sub(lambda match: _cut(match[0]), text)
        text = _RESULTS.sub("", _FILLING.sub('"status": "ready", "progress": 1.0', text))
        text = _COUNTERS.sub(r'"\1": 0', text)
        self.lines.append(_UUID.sub(lambda match: self._name(match[0]), text))

    def _name(self, uuid: str) -> str:
        if uuid not in self._names:
            self._names[uuid] = f"#{next(self._numbers)}"
        return self._names[uuid]


def _body(response: httpx.Response) -> Any:
    return json.loads(response.content) if response.content else None


def _cut(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if abs(moment - datetime.now(UTC)) < timedelta(days=2):
        return "today"
    return (moment - timedelta(seconds=moment.timestamp() % DRIFT_SECONDS)).strftime("%Y-%m-%dT%H:%M:%SZ")


def record(api: httpx.Client, database_url: str, project_code: str, seed: int) -> list[str]:
    """Plays a history in the client's project, which has to be new, and reads everything."""
    recording = Recording()
    api.post("/admin/clock", json={"now": STARTS_AT.isoformat()}).raise_for_status()
    api.event_hooks = {"response": [recording.hear]}
    histories.define(api, histories.EVERYTHING)
    histories.define(api, histories.SHARED)
    histories.define(api, {"leaderboards": BOARDS})
    walk = histories.Walk(api, seed, PEOPLE, changes_profiles=True)
    for _ in range(STEPS):
        walk.step()
    # What has ended by now is settled, boards have ticked.
    api.post("/admin/clock", json={"advance_seconds": 100_000}).raise_for_status()
    for person in PEOPLE:
        for path in _READS:
            api.get(f"/participants/{person}{path}")
        for event in api.get(f"/participants/{person}/events").json().get("events", [])[:5]:
            api.get(f"/participants/{person}/events/{event['id']}/explain")
        for board in BOARDS:
            api.get(f"/leaderboards/{board['code']}/rank/{person}")
        api.get(f"/admin/participants/{person}/export")
    for path in _PROJECT_READS:
        api.get(path)
    rows = query(
        database_url,
        "SELECT p.participant_id, j.seq, j.kind, j.occurred_at, j.id, j.command_id, j.cause_id, j.data"
        " FROM journal j JOIN participant p USING (lane, subject) JOIN project ON project.id = j.project_id"
        " WHERE project.code = %s ORDER BY p.participant_id, j.seq",
        project_code,
    )
    for name, seq, kind, occurred_at, *ids, data in rows:
        recording.add(["journal", name, seq, kind, occurred_at.astimezone(UTC).isoformat(), *map(str, ids), data])
    return recording.lines
