"""Records the results of a football season as events, and prints the table.

Each match is one event per team, with the points, the goal difference and the goals. The board `league_table` of
league.yaml ranks by these, in this order.

LAURELS_URL=http://127.0.0.1:8080 LAURELS_KEY=lk_live_… python examples/league/season.py
"""

import csv
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from laurels.client import Laurels

RESULTS = Path(__file__).parent / "results.csv"
SEASON = "2025-26"


def sides(match: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    """Each team of a match with its own goals and the goals of the other team."""
    home_goals, away_goals = int(match["home_goals"]), int(match["away_goals"])
    yield match["home"], home_goals, away_goals
    yield match["away"], away_goals, home_goals


def record(laurels: Laurels) -> None:
    """Running it again is safe: the match and the team are the idempotency key."""
    with RESULTS.open() as file:
        for match in csv.DictReader(file):
            for team, goals, conceded in sides(match):
                laurels.record_event(
                    team,
                    "match_played",
                    properties={
                        "points": 3 if goals > conceded else 1 if goals == conceded else 0,
                        "difference": goals - conceded,
                        "goals": goals,
                    },
                    timestamp=datetime.fromisoformat(match["played_at"]),
                    idempotency_key=f"{match['match']}-{team}",
                )


def print_table(laurels: Laurels) -> None:
    table = laurels.leaderboard_standings("league_table", period=SEASON)
    print(f"{'':4}{'team':12}{'points':>8}{'difference':>12}{'goals':>8}")
    for entry in table.entries:
        difference, goals = entry.tie_values or (0, 0)
        print(f"{entry.rank:<4}{entry.participant_id:12}{entry.score:>8}{difference:>+12}{goals:>8}")


if __name__ == "__main__":
    client = Laurels(os.environ["LAURELS_URL"], os.environ["LAURELS_KEY"])
    record(client)
    print_table(client)
