"""Runs of calendar periods: late events in any order, time zones, leaving, and the states of older servers."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.commands import Command
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.decision import Decision
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import (
    CHALLENGES,
    Challenge,
    ChallengeAdvanced,
    ChallengeDone,
    ChallengeFact,
    ChallengeJoined,
    ChallengeRun,
    ChallengeState,
    Milestone,
    Objective,
)
from laurels.mechanics.points.purse.model import PURSE, GivePoints
from tests.core.given import FACTS, at, definitions_with, event, join_challenge, leave_challenge, participant, run

DAY = timedelta(days=1)
MILLION = 1_000_000


def challenge(period: Any = "monthly", target: int = 3, *objectives: Objective, **particulars: Any) -> Challenge:
    """25 points half-way, 100 when it is completed."""
    return Challenge(
        id="challenge",
        code="c",
        name="C",
        objectives=objectives or (Objective(code="o", name="O", event_name="login", target=target),),
        period=period,
        milestones=(Milestone(percent=50, actions=(GivePoints(amount=25),)),),
        actions=(GivePoints(amount=100),),
        **particulars,
    )


class Player:
    """Somebody who does things at times of their own; all of it is told at `now`."""

    def __init__(self, defined: Challenge, where: str = "UTC", now: str = "2026-03-10T12:00") -> None:
        self.defined, self.now = defined, at(now)
        self.who = participant(exists=True)
        self.moves(where)

    def moves(self, where: str) -> None:
        self.who.zone = ZoneInfo(where)

    def does(self, command: Command) -> Any:
        return run(self.who, command, definitions_with(1, challenges=[self.defined]), self.now)

    def logs_in(self, *times: str | datetime, **properties: Any) -> "Player":
        for time in times:
            occurred_at = at(time) if isinstance(time, str) else time
            assert isinstance(self.does(event(occurred_at=occurred_at, properties=properties)), Decision)
        return self

    def joins(self) -> None:
        assert isinstance(self.does(join_challenge("c")), Decision)

    def leaves(self) -> None:
        assert isinstance(self.does(leave_challenge("c")), Decision)

    @property
    def state(self) -> ChallengeState:
        return self.who[CHALLENGES]["challenge"]

    @property
    def points(self) -> int:
        return self.who[PURSE].total_earned

    @property
    def progress(self) -> dict[int | None, int]:
        """By the number of the period."""
        return {run.period: run.progress.get("o", 0) for run in (*self.state.earlier, self.state)}


JANUARY, FEBRUARY, MARCH = (2026 * 12 + month for month in range(3))


def test_a_late_event_completes_the_month_that_it_belongs_to() -> None:
    player = Player(challenge()).logs_in("2026-01-29", "2026-01-30", "2026-02-01", "2026-01-31")
    assert player.progress == {JANUARY: 3, FEBRUARY: 1}
    assert (player.state.completions, player.state.completed_at) == (1, at("2026-01-31"))
    player.logs_in("2026-01-28", "2026-02-02", "2026-02-03")
    assert player.progress == {JANUARY: 3, FEBRUARY: 3}
    assert (player.state.completions, player.points) == (2, 250)


def _months(before: datetime, months: int) -> datetime:
    number = before.year * 12 + before.month - 1 - months
    return before.replace(year=number // 12, month=number % 12 + 1)


STEPS = {
    "daily": lambda start, back: start - back * DAY,
    "weekly": lambda start, back: start - 7 * back * DAY,
    "monthly": _months,
}
# The newest period's noon, in each zone well inside of it.
NEWEST = datetime(2026, 3, 10, 12, tzinfo=UTC)
# How many periods back each event occurred, and what its property says.
HAPPENINGS = st.tuples(st.integers(0, 5), st.sampled_from(["a", "b", "c"]), st.integers(1, 3))


@given(
    st.sampled_from(["daily", "weekly", "monthly"]),
    st.integers(0, 3),
    st.lists(HAPPENINGS, max_size=14),
    st.randoms(use_true_random=False),
)
def test_any_order_of_the_same_events_gives_the_same_progress(
    period: Any, late_periods: int, happened: list[tuple[int, str, int]], random: Any
) -> None:
    """Against counts by period, which know nothing of runs."""
    defined = challenge(
        period,
        0,
        Objective(code="o", name="O", event_name="login", target=4),
        Objective(code="values", name="V", event_name="login", target=2, measure="distinct", property="v"),
        Objective(code="sum", name="S", event_name="login", target=6 * MILLION, measure="sum", property="n"),
        late_periods=late_periods,
    )
    newest = min((back for back, _, _ in happened), default=0)
    told = [each for each in happened if each[0] - newest <= late_periods]
    expected = {}
    for back in {back for back, _, _ in told}:
        mine = [(value, number) for each, value, number in told if each == back]
        values, total = len({value for value, _ in mine}), sum(number for _, number in mine)
        expected[back] = (min(len(mine), 4), min(values, 2), min(total, 6) * MILLION)
    done = sum(reached == (4, 2, 6 * MILLION) for reached in expected.values())
    # (1 + 1/2 + ...) / 3: the mean of the three shares in twelfths.
    halfway = sum(3 * events + 6 * values + 2 * total // MILLION >= 18 for events, values, total in expected.values())
    for order in (told, random.sample(told, len(told))):
        player = Player(defined)
        for back, value, number in order:
            player.logs_in(STEPS[period](NEWEST, back), v=value, n=number)
        if not told:
            assert player.who[CHALLENGES] == {}
            continue
        runs = [*player.state.earlier, player.state]
        reached = [tuple(run.progress.get(code, 0) for code in ("o", "values", "sum")) for run in runs]
        assert reached == [expected[back] for back in sorted(expected, reverse=True)]
        assert (player.state.completions, player.points) == (done, 100 * done + 25 * halfway)


@given(st.integers(0, 3), st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_no_period_is_paid_twice_and_the_open_ones_have_all_that_came(late_periods: int, days_back: list[int]) -> None:
    player = Player(challenge("daily", 2, late_periods=late_periods))
    for back in days_back:
        player.logs_in(NEWEST - back * DAY)
    counts, newest = Counter(days_back), min(days_back)
    reached = {NEWEST.toordinal() - (number or 0): count for number, count in player.progress.items()}
    assert reached == {back: min(counts[back], 2) for back in counts if back - newest <= late_periods}
    most = sum(count >= 2 for count in counts.values())
    assert sum(reached[back] == 2 for back in reached) <= player.state.completions <= most
    assert player.points <= 100 * most + 25 * len(counts)


def test_what_was_closed_stays_closed_when_more_is_allowed() -> None:
    player = Player(challenge("daily", 1, late_periods=0)).logs_in("2026-03-07", "2026-03-09", "2026-03-08")
    assert player.points == 250
    player.defined = challenge("daily", 1, late_periods=12)
    player.logs_in("2026-03-07", "2026-03-08")
    assert player.points == 250
    player.logs_in("2026-03-10", "2026-03-09", "2026-03-08")
    assert player.points == 375


def test_less_is_allowed_at_once() -> None:
    player = Player(challenge("daily", 2)).logs_in("2026-03-08", "2026-03-09")
    player.defined = challenge("daily", 2, late_periods=0)
    assert player.logs_in("2026-03-08").points == 50


def test_by_calls_late_events_count_in_the_months_that_were_joined() -> None:
    player = Player(challenge(target=2, joins_automatically=False), now="2026-01-20T12:00")
    player.joins()
    player.now = at("2026-03-10T12:00")
    player.joins()
    player.logs_in("2026-01-31", "2026-02-01", "2026-02-02", "2026-01-01")
    assert player.progress == {JANUARY: 2, MARCH: 0}
    assert player.state.completions == 1


def test_who_left_has_ended_the_months_before_too() -> None:
    player = Player(challenge()).logs_in("2026-02-01", "2026-02-02", "2026-03-01")
    player.leaves()
    assert player.logs_in("2026-02-03", "2026-03-02").points == 25
    player.joins()
    player.logs_in("2026-02-03", "2026-02-04", "2026-03-02")
    assert player.progress == {MARCH: 1}


@pytest.mark.parametrize(
    ("here", "there"),
    [("Europe/Lisbon", "Asia/Tokyo"), ("Pacific/Kiritimati", "Pacific/Niue"), ("UTC", "Europe/London")],
)
def test_moving_and_joining_anew_earns_no_milestone_twice(here: str, there: str) -> None:
    player = Player(challenge("daily", 2), where=here)
    for turn in range(11):
        player.moves((here, there)[turn % 2])
        player.joins()
        player.logs_in(player.now)
        player.leaves()
    assert player.points == 25


def test_a_move_neither_ends_nor_begins_a_day() -> None:
    player = Player(challenge("daily", 2), where="Asia/Tokyo").logs_in("2026-03-09T16:00")
    player.moves("America/New_York")
    # 10 March has begun in New York, too; 9 March is over in Tokyo and not in New York.
    player.logs_in("2026-03-10T12:00", "2026-03-10T03:00")
    day = at("2026-03-10").toordinal()
    assert player.progress == {day - 1: 1, day: 2}
    assert player.state.completions == 1


def test_where_one_stands_follows_the_participants_present_day() -> None:
    player = Player(challenge("daily", 2), where="Asia/Tokyo").logs_in("2026-03-10T12:00")
    told = challenges.summary(
        player.defined, player.state, at("2026-03-10T14:59:59"), ZoneInfo("Asia/Tokyo"), Calendar()
    )
    assert (told.status, told.ends_at) == ("active", at("2026-03-10T15:00"))
    told = challenges.summary(player.defined, player.state, at("2026-03-10T15:00"), ZoneInfo("Asia/Tokyo"), Calendar())
    assert told.status == "not_joined"
    told = challenges.summary(player.defined, player.state, at("2026-03-10T15:00"), UTC, Calendar())
    assert (told.status, told.ends_at) == ("active", at("2026-03-11"))


@pytest.mark.parametrize(
    ("particulars", "before", "occurred_at", "why"),
    [
        ({}, ["2026-03-10"], "2026-03-07", "it came too late: the run of its period was closed"),
        ({}, ["2026-03-10", "2026-03-09", "2026-03-09"], "2026-03-09", "the participant had completed it"),
        ({"joins_automatically": False}, [], "2026-03-09", "the participant had not joined it in that period"),
    ],
)
def test_why_nothing_was_counted(particulars: Any, before: list[str], occurred_at: str, why: str) -> None:
    player = Player(challenge("daily", 2, **particulars))
    player.joins()
    outcome = player.logs_in(*before).does(event(occurred_at=at(occurred_at)))
    heard = outcome.entries[0]
    state = player.who[CHALLENGES].get("challenge")
    assert challenges.reason_for_no_gain(player.defined, state, heard.fact, heard.occurred_at, UTC, Calendar()) == why


OLD_FACTS = [
    ("challenge_joined", "2026-03-09T08:00", {"deadline": "2026-03-10T00:00:00Z", "since": "2026-03-09T00:00:00Z"}),
    ("challenge_advanced", "2026-03-09T08:00", {"objective": "o", "by": 1, "seen": "f00d"}),
    ("milestone_reached", "2026-03-09T08:00", {"percent": 50}),
    ("challenge_advanced", "2026-03-09T07:00", {"objective": "o", "by": 1}),
    ("challenge_completed", "2026-03-09T07:00", {}),
]
OLD_STATE = b"""{"joined_at":"2026-03-09T08:00:00Z","is_active":false,"deadline":"2026-03-10T00:00:00Z",
    "progress":{"o":2},"seen":{"o":["f00d"]},"milestones":[50],"completions":1,
    "completed_at":"2026-03-09T07:00:00Z","since":"2026-03-09T00:00:00Z","has_left":false}"""
"""What a server without numbers of periods wrote for OLD_FACTS."""


def folded(facts: list[tuple[str, str, dict[str, Any]]]) -> ChallengeState:
    states: dict[str, ChallengeState] = {}
    for kind, occurred_at, data in facts:
        fact = msgspec.convert({"challenge_id": "challenge", "challenge_code": "c", **data}, FACTS[kind])
        assert isinstance(fact, ChallengeFact)
        challenge_runs.fold(states, fact, at(occurred_at))
    return states["challenge"]


def old_player(facts: int = 5) -> Player:
    player = Player(challenge("daily", 2))
    player.who[CHALLENGES]["challenge"] = folded(OLD_FACTS[:facts])
    return player


def test_old_facts_give_what_older_servers_stored() -> None:
    stored = msgspec.json.decode(OLD_STATE, type=ChallengeState)
    assert msgspec.structs.replace(folded(OLD_FACTS), latest_at=None) == stored


def test_the_period_of_an_older_servers_run_is_known_by_its_middle() -> None:
    assert old_player().logs_in("2026-03-09T20:00", "2026-03-08").points == 0
    player = old_player(3).logs_in("2026-03-09T20:00")
    assert (player.state.completions, player.points) == (1, 100)
    player = old_player().logs_in("2026-03-10T08:00", "2026-03-09T08:00", "2026-03-08T08:00", "2026-03-10T09:00")
    assert (player.progress, player.points) == ({at("2026-03-10").toordinal(): 2}, 125)
    again_at = at("2026-03-11")
    assert player.does(join_challenge("c")) == ChallengeDone("c", is_completed=True, again_at=again_at)


def test_a_fact_of_an_older_server_leaves_what_that_server_stored() -> None:
    """Servers of both versions may run for a while: the older one knows of one run and its start."""
    player = Player(challenge("daily", 2)).logs_in("2026-03-08", "2026-03-10T01:00")
    newest = player.state
    states = {"challenge": newest}
    advanced = ChallengeAdvanced(challenge_id="challenge", challenge_code="c", objective="o", by=1)
    challenge_runs.fold(states, advanced, at("2026-03-10T02:00"))
    known = {"joined_at", "is_active", "deadline", "milestones", "since", "completions", "completed_at", "has_left"}
    kept = {name: getattr(newest, name) for name in known}
    assert states["challenge"] == ChallengeState(progress={"o": 2}, latest_at=at("2026-03-10T02:00"), **kept)


def test_what_facts_say_of_periods_is_enough_to_fold_them() -> None:
    player = Player(challenge("daily", 2))
    decided = [player.does(event(occurred_at=at(time))) for time in ("2026-03-08", "2026-03-10", "2026-03-08")]
    entries = [entry for decision in decided for entry in decision.entries]
    rebuilt: dict[str, ChallengeState] = {}
    for entry in entries:
        if isinstance(entry.fact, ChallengeFact):
            fact = msgspec.json.decode(msgspec.json.encode(entry.fact), type=type(entry.fact))
            challenge_runs.fold(rebuilt, fact, entry.occurred_at)
    assert rebuilt == player.who[CHALLENGES]
    joined = [entry.fact for entry in entries if isinstance(entry.fact, ChallengeJoined)]
    assert [fact.since for fact in joined] == [at("2026-03-08"), at("2026-03-10")]


def test_a_state_of_many_periods_is_read_as_it_was_stored() -> None:
    player: Player = Player(challenge("daily", 2)).logs_in("2026-03-08", "2026-03-10", "2026-03-09")
    assert msgspec.json.decode(msgspec.json.encode(player.state), type=ChallengeState) == player.state


def test_the_newest_run_has_all_fields_of_a_run() -> None:
    state = ChallengeState(
        joined_at=at("2026-03-01"),
        is_active=False,
        deadline=at("2026-04-01"),
        progress={"o": 2},
        seen={"o": ["f00d"]},
        milestones=[50],
        since=at("2026-03-01"),
        period=674,
        latest_at=at("2026-03-09"),
    )
    newest, whole = msgspec.structs.asdict(state.newest), msgspec.structs.asdict(state)
    assert newest == {name: whole[name] for name in newest}
    untouched = msgspec.structs.asdict(ChallengeRun(joined_at=at("2026-01-01")))
    assert not [name for name in newest if newest[name] == untouched[name]]
