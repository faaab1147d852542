"""Where leaves are cut, which are merged, and how they are divided into parts."""

from bisect import bisect_right
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from laurels.mechanics.leaderboards.leaves.splitting import (
    Cut,
    Leaf,
    PartSizes,
    Value,
    cuts,
    division,
    merges,
    next_value,
)


def value(score: int) -> Value:
    return score, 0, 0, 0


def leaf(number: int, low: int, people: int = 50, *, part: int = 0, is_tie: bool = False, beside: int = -1) -> Leaf:
    return Leaf(number, part, people, is_tie, None if beside < 0 else beside, value(low))


scores = st.lists(st.one_of(st.integers(-50, 50), st.sampled_from((7, 8))), max_size=300)


@given(scores=scores, aim=st.integers(1, 30), ties=st.integers(1, 30))
def test_leaves_are_as_large_as_wanted(scores: list[int], aim: int, ties: int) -> None:
    """A range has no more than is wanted, or a single value; a tie leaf has exactly the value of many."""
    counts = Counter(scores)
    found = cuts([(value(score), people) for score, people in sorted(counts.items())], aim, ties)
    lows = [cut.low for cut in found]
    assert lows == sorted(set(lows))
    people: Counter[int] = Counter()
    values: dict[int, set[int]] = {}
    for score, count in counts.items():
        place = bisect_right(lows, value(score)) - 1
        people[place] += count
        values.setdefault(place, set()).add(score)
        is_tie = place >= 0 and found[place].is_tie
        assert is_tie == (count > ties)
    for place, count in people.items():
        assert count <= aim or len(values[place]) == 1
    for place, cut in enumerate(found):
        if cut.is_tie:
            assert values[place] == {cut.low[0]}
            assert found[place + 1].low == next_value(cut.low)


def test_popular_neighbours_have_a_leaf_each() -> None:
    found = cuts([(value(5), 100), (value(6), 100), (value(7), 1)], 10, 50)
    after = [Cut((score, 0, 0, 1), False) for score in (5, 6)]
    assert found == [Cut(value(5), True), after[0], Cut(value(6), True), after[1]]


def test_small_leaves_merge_into_the_one_below() -> None:
    leaves = [leaf(0, -100, 1), leaf(1, 5, 3), leaf(2, 8, 2), leaf(3, 9, 90), leaf(4, 20, 0)]
    assert merges(leaves, below=10, most=100) == {0: [1, 2], 3: [4]}


def test_no_leaf_merges_into_a_tie_leaf_or_another_part() -> None:
    leaves = [
        leaf(0, -100, 1),
        leaf(1, 5, 60, is_tie=True),
        leaf(2, 6, 0),
        leaf(3, 9, 0, part=1),
        leaf(4, 10, 0, part=1),
    ]
    assert merges(leaves, below=10, most=100) == {3: [4]}


SIZES = PartSizes(aim=3, most=6, least=2)


def test_a_large_part_gives_its_last_leaves_to_a_new_one() -> None:
    found = division([leaf(number, number) for number in range(1, 9)], SIZES)
    assert found is not None
    assert (found.part, found.into, found.leaves, found.low) == (0, None, [6, 7, 8], value(6))


def test_no_part_begins_between_leaves_that_are_read_as_one_or_have_one_value() -> None:
    leaves = [leaf(number, number) for number in range(1, 6)]
    leaves += [leaf(6, 6, beside=5), leaf(7, 6, is_tie=True, beside=5), leaf(8, 8)]
    found = division(leaves, SIZES)
    assert found is not None
    assert found.leaves == [5, 6, 7, 8]
    assert division([leaf(1, 1), *(leaf(number, 1, is_tie=True) for number in range(2, 9))], SIZES) is None


def test_a_small_part_joins_the_one_below() -> None:
    found = division([leaf(1, 1), leaf(2, 2), leaf(3, 3), leaf(4, 4, part=5)], SIZES)
    assert found is not None
    assert (found.part, found.into, found.leaves) == (5, 0, [4])
    assert division([leaf(1, 1), leaf(2, 2), leaf(3, 3, part=5), leaf(4, 4, part=5)], SIZES) is None
