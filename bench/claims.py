"""The step `claims`: claims of a reward with codes, of one with a stock, and of many rewards; and uploads of codes."""

import json
import time
import urllib.request
from typing import Any

import psycopg

from bench import stack
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.stack import KEY, settle

SPREAD_REWARDS = 100
COST = 1
POINTS = 1_000_000
UPLOADED_CODES = 100_000
CODES_PER_SECOND = 20_000  # more than can be claimed
PATHS = {
    "pool": "/api/v1/gamify/rewards/pool_%d/claim",
    "stock": "/api/v1/gamify/rewards/stock_%d/claim",
    "spread": "/api/v1/gamify/rewards/spread_%d/claim",
}


def prepare(url: str, port: int, codes: int) -> None:
    """Creates the rewards through the admin API, then the codes, and points for every participant, by SQL."""
    _create(port, "pool_1", type="coupon")
    _create(port, "stock_1", type="voucher", total_inventory=1_000_000_000)
    for number in range(1, SPREAD_REWARDS + 1):
        _create(port, f"spread_{number}", type="voucher", total_inventory=1_000_000_000)
    _create(port, "uploads", type="coupon")
    with psycopg.connect(url, autocommit=True) as connection:
        pool = "(SELECT id FROM definition WHERE kind = 'reward' AND code = 'pool_1')"
        connection.execute(
            f"INSERT INTO reward_code (reward_id, code, status, added_at) "
            f"SELECT {pool}, 'CODE-' || n, 'available', now() FROM generate_series(1, %s) AS n",
            [codes],
        )
        connection.execute(f"UPDATE reward_stock SET codes_available = %s WHERE reward_id = {pool}", [codes])
        # These points have no facts in the journal. This database is never checked; only spending is measured.
        connection.execute("UPDATE account SET balance = %s, total_earned = %s", [POINTS, POINTS])
        settle(connection)


def upload_seconds(port: int, kind: str, number: int) -> float:
    """The seconds that an upload of 100,000 new codes takes, as JSON or as CSV."""
    codes = [f"UPLOAD-{number}-{place:06}" for place in range(UPLOADED_CODES)]
    body = json.dumps({"codes": codes}) if kind == "application/json" else "\n".join(codes)
    started = time.perf_counter()
    result = _post(port, "admin/rewards/uploads/codes", body.encode(), kind)
    seconds = time.perf_counter() - started
    if result["added"] != UPLOADED_CODES:
        raise RuntimeError(f"{UPLOADED_CODES} codes uploaded, {result['added']} added")
    return seconds


def check(url: str) -> None:
    """Raises RuntimeError unless every claim cost its points, and every code was used once."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            """
            SELECT (SELECT count(*) FROM claim), (SELECT count(*) FROM journal WHERE kind = 'reward_claimed'),
                   (SELECT sum(taken) FROM reward_stock)::bigint, (SELECT sum(total_spent) FROM account)::bigint,
                   (SELECT count(code) - count(DISTINCT code) FROM claim)
            """
        ).fetchone()
    assert row is not None
    claims, facts, taken, spent, repeated = row
    if not claims == facts == taken == spent // COST or repeated:
        raise RuntimeError(f"{claims} claims, {facts} facts, {taken} taken, {spent} points, {repeated} codes twice")


def _create(port: int, code: str, **fields: Any) -> None:
    body = {"code": code, "name": code, "points_cost": COST, **fields}
    _post(port, "admin/rewards", json.dumps(body).encode(), "application/json")


def _post(port: int, path: str, body: bytes, kind: str) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/gamify/{path}", body, {"X-API-Key": KEY, "Content-Type": kind}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def run(bench: Bench) -> None:
    """Measures claims of one reward with codes, of one with a stock, and of a hundred rewards, against awards; then
    uploads of codes."""
    url = bench.database("claims")
    stack.prepare(url, bench.settings.participants)
    with stack.laurels(url, PORT, 1):
        prepare(url, PORT, round(bench.settings.rounds * bench.settings.seconds * CODES_PER_SECOND))
    for _ in range(bench.settings.rounds):
        bench.measure("awards beside rewards", stack.laurels, 1, url=url)
        for workers in (1, 2):
            for name in ("pool", "stock", "spread"):
                bench.measure(
                    f"claims, {name}, {workers} worker{'s' if workers > 1 else ''}",
                    stack.laurels,
                    workers,
                    url=url,
                    path=PATHS[name],
                    script="claim.lua",
                    rewards=SPREAD_REWARDS if name == "spread" else 1,
                )
    check(url)
    with stack.laurels(url, PORT, 1):
        for number in range(bench.settings.rounds):
            for kind in ("application/json", "text/csv"):
                seconds = upload_seconds(PORT, kind, 2 * number + (kind == "text/csv"))
                bench.findings.add(f"upload of 100,000 codes, {kind} s", seconds)


def _ratios(_: Settings) -> list[Ratio]:
    return [
        Ratio(f"claims, {name}, {workers} ÷ awards", f"claims, {name}, {workers} /s", "awards beside rewards /s")
        for name in PATHS
        for workers in ("1 worker", "2 workers")
    ]


STEPS = {"claims": Step(run, _ratios)}
