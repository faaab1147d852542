"""The short form of `make torture`: one run of half a minute, whose seed is told when it fails."""

import secrets

from tests.torture.run import torture


def test_nothing_acknowledged_is_lost_doubled_or_done_in_part() -> None:
    report = torture(secrets.randbelow(1_000_000), minutes=0.15, kills=6, clients=8)
    assert not report.findings, report.text()
    assert report.counts["kills: servers"] > 0, report.text()
    assert report.counts["kills: PostgreSQL"] > 0, report.text()
