"""The line of those who need a row that is locked elsewhere: turns, and nobody's wait at the cost of others."""

import pytest

from laurels.engine import waiting
from laurels.engine.waiting import ROUND_MS, TURN_MS, LockLine, Suspects
from laurels.storage.load import ParticipantKey
from laurels.storage.locks import LockedRow

REWARD = LockedRow("reward_stock", ("r",))
OTHER_REWARD = LockedRow("reward_stock", ("s",))


def key(name: str) -> ParticipantKey:
    return ParticipantKey(1, name)


def account(name: str) -> LockedRow:
    return LockedRow("account", (0, 1, name))


def person(name: str) -> LockedRow:
    return LockedRow("person", (1, name))


def line(*people: tuple[str, LockedRow]) -> LockLine:
    made = LockLine(lambda _: 0)
    for name, row in people:
        made.put(key(name), row)
    return made


def turn(of: LockLine, limit: int = 100) -> tuple[LockedRow, list[str]]:
    """With one command of each person."""
    taken = of.turn(limit, lambda _: 1)
    assert taken is not None
    return taken.row, [participant.participant_id for participant in taken.people]


def test_an_empty_line_has_no_turn() -> None:
    assert line().turn(10, lambda _: 1) is None


def test_accounts_are_tried_together_and_waited_for_one_after_another() -> None:
    of = line(("a", account("a")), ("b", account("b")), ("c", account("c")))
    waited_for = []
    for _ in range(4):
        row, names = turn(of)
        assert sorted(names) == ["a", "b", "c"]
        waited_for.append(row.key[2])
    assert waited_for == ["a", "b", "c", "a"]


def test_what_people_share_takes_turns_however_many_wait_for_it() -> None:
    crowd = [(f"c{number}", REWARD) for number in range(50)]
    of = line(*crowd, ("a", account("a")), ("o", OTHER_REWARD))
    turns = [turn(of, limit=10) for _ in range(6)]
    assert [row for row, _ in turns] == [REWARD, account("a"), OTHER_REWARD] * 2
    assert turns[2][1] == ["o", "a"]
    assert not set(turns[0][1]) & set(turns[3][1])


def test_whose_row_is_not_known_is_tried_alone() -> None:
    of = line(("a", account("a")), ("p", person("p")))
    assert [turn(of) for _ in range(2)] == [(account("a"), ["a"]), (person("p"), ["p"])]


def test_people_whose_row_is_not_known_take_turns_like_one_row_and_wait_less_the_more_they_are() -> None:
    crowd = [(f"p{number}", person(f"p{number}")) for number in range(40)]
    of = line(*crowd, ("a", account("a")))
    turns = [of.turn(100, lambda _: 1) for _ in range(4)]
    assert [(taken.row, taken.lock_timeout_ms) for taken in turns if taken] == [
        (person("p0"), ROUND_MS // 40),
        (account("a"), TURN_MS),
        (person("p1"), ROUND_MS // 40),
        (account("a"), TURN_MS),
    ]


def test_of_people_whose_row_is_not_known_those_come_first_who_had_no_turn() -> None:
    of = line(("a", person("a")), ("b", person("b")))
    tried = [turn(of)[1]]
    of.put(key("c"), person("c"))
    tried += [turn(of)[1] for _ in range(2)]
    of.put(key("d"), person("d"))
    of.discard(key("d"))
    tried += [turn(of)[1] for _ in range(2)]
    assert tried == [["a"], ["b"], ["c"], ["a"], ["b"]]


def test_who_was_locked_out_is_suspect_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    suspects = Suspects()
    suspects.add([key("a")])
    assert (key("a") in suspects, key("b") in suspects) == (True, False)
    monkeypatch.setattr(waiting, "SUSPICION_SECONDS", -1.0)
    suspects.add([key("b")])
    suspects.add([key("a")])
    assert (key("a") in suspects, key("b") in suspects) == (False, False)
    assert not suspects._until


def test_who_finds_another_row_locked_waits_for_that_one() -> None:
    of = line(("a", account("a")), ("b", account("b")))
    of.put(key("a"), REWARD)
    assert [turn(of) for _ in range(2)] == [(account("b"), ["b"]), (REWARD, ["a", "b"])]


def test_people_of_different_lanes_are_not_tried_together() -> None:
    of = LockLine(lambda participant: ord(participant.participant_id))
    for name in ("a", "b"):
        of.put(key(name), account(name))
    assert [turn(of)[1] for _ in range(3)] == [["a"], ["b"], ["a"]]


def test_who_leaves_has_no_turn() -> None:
    of = line(("a", account("a")), ("b", REWARD))
    of.discard(key("b"))
    of.discard(key("nobody"))
    assert key("b") not in of
    assert [turn(of) for _ in range(2)] == [(account("a"), ["a"])] * 2
    of.discard(key("a"))
    assert not of
