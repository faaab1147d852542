"""What is held back behind whom (engine/backlog.py): each participant's order, and nobody who waits for ever."""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from laurels.engine import backlog
from laurels.engine.backlog import PUT_OFF_LIMIT, Backlog, Turn
from laurels.engine.batch import CommandResponse
from laurels.engine.behind import Behind
from laurels.engine.metrics import EngineMetrics
from laurels.engine.queue import QueueShares
from laurels.engine.run import Pending, PutOff, halves
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import Command, JudgeAnew
from laurels.storage import locks
from laurels.storage.batches import LeftOut, ParticipantKey
from laurels.storage.lanes import lane_of
from laurels.storage.room import NoRoom

DONE = CommandResponse(b"{}")
COMMAND: Command = JudgeAnew(project_id=1, participant_id="p", definition_ids=(), silent=True)
NOBODY = PutOff([], {})


def key(name: str) -> ParticipantKey:
    return ParticipantKey(1, name)


def locked(name: str) -> LeftOut:
    return locks.account_of(0, 1, name)


@dataclass
class Case:
    """A backlog, and what was done of it. A command is written as the names of its participants: "ab"."""

    batch_limit: int = 100
    on_citus: bool = False
    woken: int = 0
    shares: QueueShares = field(default_factory=lambda: QueueShares(10_000, 100))
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        settings = EngineSettings(batch_limit=self.batch_limit, on_citus=self.on_citus)
        self.backlog = Backlog(self.shares, self._wake, EngineMetrics(), settings)

    def _wake(self) -> None:
        self.woken += 1

    def pending(self, names: str, holder: str = "key") -> Pending:
        return Pending(COMMAND, tuple(map(key, names)), self.loop.create_future(), holder)

    def add(self, *commands: str, holder: str = "key") -> list[Pending]:
        pendings = [self.pending(names, holder) for names in commands]
        self.backlog.add(pendings, holder)
        return pendings

    def finish(self, taken: Turn, *undone: Pending, **reasons: LeftOut) -> None:
        """All but those that are `undone`."""
        left = set(map(id, undone))
        for pending in taken.pendings:
            if id(pending) not in left and not pending.future.done():
                pending.future.set_result(DONE)
        self.backlog.release(
            taken.pendings, PutOff(list(undone), {key(name): reason for name, reason in reasons.items()})
        )


def names(turn: Turn) -> list[str]:
    return ["".join(each.participant_id for each in pending.participants) for pending in turn.pendings]


@pytest.fixture
def case() -> Iterator[Case]:
    made = Case()
    yield made
    made.loop.close()


def test_a_command_of_two_goes_with_those_before_it_in_one_batch(case: Case) -> None:
    case.add("a", "ab", "b", "ba", "c")
    taken = case.backlog.take()
    assert names(taken) == ["a", "ab", "b", "ba", "c"]
    case.finish(taken)
    assert not case.backlog
    assert case.shares.taken == 0


def test_it_waits_for_one_in_flight_and_keeps_what_comes_later_of_the_other_one(case: Case) -> None:
    case.add("a")
    first = case.backlog.take()
    case.add("ab", "b", "c", "a")
    second = case.backlog.take()
    assert names(second) == ["c"]
    case.finish(second)
    assert names(case.backlog.take()) == []
    case.finish(first)
    assert names(case.backlog.take()) == ["ab", "b", "a"]


def test_it_waits_for_both_whoever_ends_first() -> None:
    case = Case(batch_limit=1)
    case.add("a", "b")
    of_a, of_b = case.backlog.take(), case.backlog.take()
    case.add("b", "ab", "a", "b")
    assert names(case.backlog.take()) == []
    case.finish(of_b)
    again = case.backlog.take()
    assert names(again) == ["b"]
    case.finish(of_a)
    assert names(case.backlog.take()) == []
    case.finish(again)
    taken = case.backlog.take()
    assert names(taken) == ["ab"]
    case.finish(taken)
    assert sorted(names(case.backlog.take()) + names(case.backlog.take())) == ["a", "b"]


def test_a_circle_of_commands_comes_to_its_end(case: Case) -> None:
    case.add("a", "b", "c")
    taken = case.backlog.take()
    case.add("ab", "ba", "bc", "ca")
    assert names(case.backlog.take()) == []
    case.finish(taken)
    assert names(case.backlog.take()) == ["ab", "ba", "bc", "ca"]


def test_who_is_locked_elsewhere_holds_up_those_alone_who_are_named_beside(case: Case) -> None:
    _, first, second, *_ = case.add("b", "ab", "b", "c", "cd")
    taken = case.backlog.take()
    case.finish(taken, first, second, a=locked("a"))
    case.add("a", "b", "d")
    assert names(case.backlog.take()) == ["d"]
    in_line = case.backlog.take_in_line()
    assert (names(in_line), in_line.row) == (["ab", "a"], locked("a"))
    case.finish(in_line)
    assert names(case.backlog.take()) == ["b", "b"]


def test_what_was_put_off_comes_first_of_all_its_participants(case: Case) -> None:
    first, second = case.add("ab", "ba")
    taken = case.backlog.take()
    case.add("a", "b")
    case.finish(taken, second, first, b=locked("b"))
    assert names(case.backlog.take()) == []
    assert names(case.backlog.take_in_line()) == ["ab", "ba", "b"]


def test_two_reasons_to_wait_are_waited_for_one_after_the_other(case: Case) -> None:
    [both] = case.add("ab")
    case.finish(case.backlog.take(), both, a=locked("a"), b=NoRoom.UNSETTLED)
    in_line = case.backlog.take_in_line()
    assert names(in_line) == ["ab"]
    assert names(case.backlog.take_much()) == []
    case.finish(in_line, both, b=NoRoom.UNSETTLED)
    assert names(case.backlog.take_in_line()) == []
    assert names(case.backlog.take_much()) == ["ab"]


@pytest.mark.parametrize("reason", [NoRoom.ALONE, NoRoom.BEYOND])
def test_what_needs_much_room_of_several_is_taken_by_itself(case: Case, reason: NoRoom) -> None:
    both, later = case.add("ab", "b")
    case.finish(case.backlog.take(), both, later, b=reason)
    case.add("b")
    assert names(case.backlog.take()) == []
    taken = case.backlog.take_much()
    assert names(taken) == ["ab"]
    case.finish(taken)
    assert names(case.backlog.take()) == ["b", "b"]


def test_who_fits_into_the_next_batch_is_not_put_off(case: Case) -> None:
    [one] = case.add("a")
    case.finish(case.backlog.take(), one, a=NoRoom.BEYOND)
    assert not case.backlog.has_put_off
    assert names(case.backlog.take()) == ["a"]


def test_a_suspect_sends_all_who_are_named_beside_into_the_line(case: Case) -> None:
    [one] = case.add("a")
    case.finish(case.backlog.take(), one, a=locks.person(1, "a"))
    case.finish(case.backlog.take_in_line())
    case.add("ba", "b", "c")
    assert names(case.backlog.take()) == ["c"]
    assert case.woken
    in_line = case.backlog.take_in_line()
    assert (names(in_line), in_line.row) == (["ba"], locks.person(1, "a"))


def test_a_command_whose_patience_is_over_sets_the_others_free(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    both, _, later = case.add("ab", "c", "b")
    case.finish(case.backlog.take(), both, later, a=locked("a"))
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", -1.0)
    assert names(case.backlog.take_in_line()) == []
    assert isinstance(both.future.exception(), Exception)
    assert case.woken
    assert names(case.backlog.take()) == ["b"]
    assert not case.backlog.has_put_off
    assert case.shares.taken == 0


def test_no_more_than_a_bounded_number_waits_behind_somebody_put_off(case: Case) -> None:
    [both] = case.add("ab")
    case.finish(case.backlog.take(), both, a=locked("a"))
    assert not case.backlog.is_put_off_enough(key("b"))
    case.add(*["b"] * PUT_OFF_LIMIT)
    case.backlog.take()
    assert case.backlog.is_put_off_enough(key("b"))
    assert not case.backlog.is_put_off_enough(key("a"))


def test_what_is_held_back_leaves_half_a_batch_to_others() -> None:
    case = Case(batch_limit=6)
    case.add("a")
    first = case.backlog.take()
    case.add("ab", *["a"] * 5)
    case.finish(case.backlog.take())
    case.finish(first)
    case.add(*"cdefgh", holder="another")
    assert names(case.backlog.take()) == ["ab", "a", "a", "c", "d", "e"]


def test_on_citus_what_was_held_back_is_taken_one_lane_after_the_other() -> None:
    case = Case(on_citus=True)
    by_lane: dict[int, list[ParticipantKey]] = {}
    for participant in (key(f"n{number}") for number in range(500)):
        by_lane.setdefault(lane_of(*participant), []).append(participant)
    pairs = [tuple(people[:2]) for people in by_lane.values()][:3]
    case.backlog.add([Pending(COMMAND, pair[:1], case.loop.create_future(), "key") for pair in pairs], "key")
    first = [case.backlog.take() for _ in pairs]
    case.backlog.add([Pending(COMMAND, pair, case.loop.create_future(), "key") for pair in pairs], "key")
    assert names(case.backlog.take()) == []
    for turn in first:
        case.finish(turn)
    assert [[pending.participants for pending in case.backlog.take().pendings] for _ in pairs] == [
        [pair] for pair in pairs
    ]


def test_a_batch_is_halved_without_tearing_commands_of_several_apart(case: Case) -> None:
    pendings = [case.pending(each) for each in ["a", "bc", "d", "cd", "e", "a"]]
    assert [names(Turn(part)) for part in halves(pendings)] == [["a", "a"], ["bc", "d", "cd", "e"]]
    circle = [case.pending(each) for each in ["ab", "bc", "ca"]]
    assert [names(Turn(part)) for part in halves(circle)] == [["ab"], ["bc", "ca"]]


class Players:
    """Runners who take by chance, and batches that end by chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.case = Case(batch_limit=self.random.choice([1, 2, 5, 50]))
        self.running: list[tuple[str, Turn]] = []
        self.submitted: list[Pending] = []
        self.done: list[Pending] = []
        self.may_put_off = True

    def step(self) -> None:
        self.random.choice([self.submit, self.take, self.take, self.finish])()

    def submit(self) -> None:
        people = ["".join(self.random.sample("abcdefg", self.random.choice([1, 1, 2, 2, 3]))) for _ in range(3)]
        self.submitted += self.case.add(*people)
        if self.random.random() < 0.1:
            self.submitted[-1].future.cancel()

    def take(self) -> None:
        kinds: dict[str, Callable[[], Turn]] = {
            "1": self.case.backlog.take,
            "2": self.case.backlog.take,
            "much": self.case.backlog.take_much,
            "line": self.case.backlog.take_in_line,
        }
        free = [kind for kind in kinds if all(kind != busy for busy, _ in self.running)]
        if not free:
            return
        kind = self.random.choice(free)
        turn = kinds[kind]()
        if turn.pendings:
            busy = {each for _, other in self.running for pending in other.pendings for each in pending.participants}
            assert busy.isdisjoint(each for pending in turn.pendings for each in pending.participants)
            self.running.append((kind, turn))

    def finish(self) -> None:
        if not self.running:
            return
        _, turn = self.running.pop(self.random.randrange(len(self.running)))
        people = sorted({each for pending in turn.pendings for each in pending.participants})
        left_out = self.random.sample(people, self.random.choice([0, 0, 1])) if self.may_put_off else []
        reasons = {each: self._reason(each) for each in left_out}
        behind, undone = Behind(reasons), list[Pending]()
        for pending in turn.pendings:
            if behind.holds(pending.participants):
                undone.append(pending)
            elif not pending.future.done():
                pending.future.set_result(DONE)
                self.done.append(pending)
        self.random.shuffle(undone)
        self.case.backlog.release(turn.pendings, PutOff(undone, reasons))

    def _reason(self, participant: ParticipantKey) -> LeftOut:
        name = participant.participant_id
        return self.random.choice([locked(name), locked(name), locks.person(1, name), *NoRoom])

    def end(self) -> None:
        self.may_put_off = False
        for _ in range(20_000):
            if not self.case.backlog and not self.running:
                return
            self.random.choice([self.take, self.finish])()
        raise AssertionError("some commands wait for ever")


@pytest.mark.parametrize("is_impatient", [False, True])
@pytest.mark.parametrize("seed", range(100))
def test_whatever_happens_each_participants_order_is_kept_and_all_comes_to_an_end(
    seed: int, is_impatient: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    players = Players(seed)
    for number in range(400):
        if is_impatient and number % 50 == 0:
            monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", -1.0 if number % 100 else 60.0)
        players.step()
    players.end()
    assert players.case.shares.taken == 0
    assert not players.case.backlog.has_put_off
    places = {id(pending): place for place, pending in enumerate(players.submitted)}
    for name in "abcdefg":
        order = [places[id(pending)] for pending in players.done if key(name) in pending.participants]
        assert order == sorted(order)
    assert all(pending.future.done() for pending in players.submitted)
    if not is_impatient:
        assert all(pending.future.cancelled() or pending.future.result() is DONE for pending in players.submitted)
    # What is read here is not told as an error that nobody has heard of.
    for pending in players.submitted:
        if not pending.future.cancelled():
            pending.future.exception()
    players.case.loop.close()
