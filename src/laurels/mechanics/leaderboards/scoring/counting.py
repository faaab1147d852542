"""Counting facts on leaderboards: the part of a fact in the standings of each board, and the sum of these parts.

A number of a standing is stored so that greater is better: where less is better, with the opposite sign. Numbers of a
decimal measure are in millionths.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Protocol

from msgspec import Struct

from laurels.kernel.cel.environment import EvaluationError
from laurels.kernel.cel.expressions import Expression
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.measures import Addition, Combination
from laurels.kernel.participant import Participant
from laurels.mechanics.leaderboards.scoring import windows
from laurels.mechanics.leaderboards.scoring.model import Generation, Layout, Leaderboard, Scored

NUMBERS = 4
"""The score and up to three tie-breakers."""

MISSING = -(2**62)
"""A number that no fact has given yet, where it is not a sum: worse than every number."""

Combinations = tuple[Combination, Combination, Combination, Combination]
"""How the stored numbers of facts are combined, for the score and each tie-breaker."""

SUMS: Combinations = ("sum", "sum", "sum", "sum")

Numbers = tuple[int | None, int | None, int | None, int | None]
"""The numbers of a fact, None where it gives none."""


class Gain(NamedTuple):
    """The part of a fact in one participant's standings in one generation of a leaderboard. `facts` counts facts with
    a score that are not taken back."""

    generation: int
    numbers: Numbers
    occurred_at: datetime
    windows: tuple[int, ...]
    facts: int = 1
    combinations: Combinations = SUMS
    layout: Layout = "leaves"

    @property
    def score(self) -> int:
        return self.numbers[0] or 0


class BoardTally(Struct):
    """The standing of a participant in a window. `numbers` are the score and the tie values, `times` their last
    changes: None for no change. Without any change, `reached_at` is the time of the first fact."""

    facts: int
    numbers: list[int]
    times: list[datetime | None]
    reached_at: datetime
    joined_at: datetime

    @property
    def has_changed(self) -> bool:
        return any(time is not None for time in self.times)


class Originals(Protocol):
    """The facts that other facts take back."""

    def remember(self, entry: Entry) -> None:
        """A fact that a later one may take back."""
        ...

    def find(self, addition: Addition, fact: Fact, fact_id: str) -> Entry | None: ...

    def is_whole(self, generation: int, fact_id: str, taken: int, of_original: int) -> bool:
        """Whether nothing is left of the original now. It is so once for each original."""
        ...


class LoadedOriginals:
    """Originals in the state of participants after a batch."""

    def __init__(self) -> None:
        self.participant: Participant | None = None
        self._whole: set[tuple[int, str]] = set()
        self._is_whole: dict[str, bool] = {}

    def remember(self, entry: Entry) -> None:
        """The state has the originals."""

    def find(self, addition: Addition, fact: Fact, fact_id: str) -> Entry | None:
        found = addition.original(self.participant, fact) if self.participant else None
        if found is None:
            return None
        self._is_whole[fact_id] = found.is_whole
        return found.entry

    def is_whole(self, generation: int, fact_id: str, _taken: int, _of_original: int) -> bool:
        if not self._is_whole.get(fact_id) or (generation, fact_id) in self._whole:
            return False
        self._whole.add((generation, fact_id))
        return True


class PassedOriginals:
    """Originals among the facts of one participant that were read before, in the order of the journal."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._taken: dict[tuple[int, str], int] = defaultdict(int)

    def remember(self, entry: Entry) -> None:
        self._entries[entry.id] = entry

    def find(self, _addition: Addition, _fact: Fact, fact_id: str) -> Entry | None:
        return self._entries.get(fact_id)

    def is_whole(self, generation: int, fact_id: str, taken: int, of_original: int) -> bool:
        self._taken[generation, fact_id] += taken
        return self._taken[generation, fact_id] == -of_original


class _CountedNumber(NamedTuple):
    """The numbers that facts of one type give to the score or to a tie-breaker."""

    place: int
    scored: Scored
    addition: Addition
    sign: int
    is_judged: bool


class _Counter(NamedTuple):
    """The way in which a generation counts facts of one type."""

    generation: Generation
    terms: tuple[_CountedNumber, ...]
    combinations: Combinations
    condition: Expression | None
    digest: str


_Counters = dict[type[Fact], list[_Counter]]


def counting(definitions: Definitions) -> list[Generation]:
    """The generations of all boards that count facts now."""
    known: list[Generation] | None = definitions.memory.get(counting)
    if known is None:
        boards = definitions[Leaderboard].by_id.values()
        known = definitions.memory[counting] = [generation for board in boards for generation in board.generations]
    return known


def combinations_of(definitions: Definitions, generation: Generation) -> Combinations:
    """How the stored numbers are combined: of numbers with the opposite sign, the least is the greatest."""
    measures = definitions.game.measures
    turned: dict[Combination, Combination] = {"max": "min", "min": "max", "sum": "sum", "last": "last"}
    own = [
        turned[measures[scored.metric].combination] if scored.order == "asc" else measures[scored.metric].combination
        for scored in generation.ranked_by
    ]
    first, second, third, fourth = (*own, *SUMS[len(own) :])
    return first, second, third, fourth


def digest(condition: str) -> str:
    """The name of a condition in forgotten events."""
    return sha256(condition.encode()).hexdigest()[:16]


def gains(definitions: Definitions, entries: Iterable[Entry], originals: Originals | None = None) -> Iterator[Gain]:
    """The parts of the facts in the standings of the leaderboards that are counting."""
    counters = _counters(definitions)
    if not counters:
        return
    for entry in entries:
        for counter in counters.get(type(entry.fact), ()):
            gain = _gain(definitions, counter, entry, originals)
            if gain is not None:
                yield gain


def tallied(tally: BoardTally | None, gain: Gain, recorded_at: datetime) -> BoardTally:
    """The standing with one more fact."""
    at = gain.occurred_at
    if tally is None:
        numbers = [0 if combination == "sum" else MISSING for combination in gain.combinations]
        tally = BoardTally(0, numbers, [None] * NUMBERS, at, recorded_at)
    first_at = tally.reached_at
    tally.facts += gain.facts
    for place, number in enumerate(gain.numbers):
        if number is not None:
            _combine(tally, place, number, at, gain.combinations[place])
    times = [time for time in tally.times if time is not None]
    tally.reached_at = max(times) if times else min(first_at, at)
    tally.joined_at = min(tally.joined_at, recorded_at)
    return tally


def holds(definitions: Definitions, condition: Expression, entry: Entry) -> bool:
    """Whether the condition of a board is true for a fact. A condition that fails is not true."""
    known = {
        name: variable.read(definitions, entry)
        for name, variable in definitions.game.fact_variables.items()
        if name in condition.reads and isinstance(entry.fact, variable.fact)
    }
    try:
        return condition.holds(definitions.game.board_conditions.values(known))
    except EvaluationError:
        return False


def _combine(tally: BoardTally, place: int, number: int, at: datetime, combination: Combination) -> None:
    before, time = tally.numbers[place], tally.times[place]
    if combination == "sum":
        if number:
            tally.numbers[place] = before + number
            tally.times[place] = at if time is None else max(time, at)
    elif time is None or _replaces[combination](number, before, at, time):
        tally.numbers[place], tally.times[place] = number, at


_replaces: dict[Combination, Callable[[int, int, datetime, datetime], bool]] = {
    "max": lambda number, before, at, time: number > before or (number == before and at < time),
    "min": lambda number, before, at, time: number < before or (number == before and at < time),
    "last": lambda _number, _before, at, time: at >= time,
}


def _gain(definitions: Definitions, counter: _Counter, entry: Entry, originals: Originals | None) -> Gain | None:
    numbers: list[int | None] = [None] * NUMBERS
    facts, generation = 0, counter.generation
    for term in counter.terms:
        number = term.addition.number(entry.fact, term.scored)
        if number is None:
            continue
        original_id = term.addition.takes_back(entry.fact)
        original = originals.find(term.addition, entry.fact, original_id) if originals and original_id else None
        if term.is_judged and counter.condition and not _is_true(definitions, counter, term, original or entry):
            continue
        numbers[term.place] = number * term.sign
        if originals and term.addition.can_be_taken_back and original_id is None:
            originals.remember(entry)
        if term.place == 0:
            facts = 1
            if original and original_id and originals:
                facts = _facts_taken(definitions, generation, original, originals, number)
    if all(number is None for number in numbers):
        return None
    first, second, third, fourth = numbers
    return Gain(
        generation.id,
        (first, second, third, fourth),
        entry.occurred_at,
        windows.keys_at(generation, entry.occurred_at, definitions.calendar),
        facts,
        counter.combinations,
        generation.layout,
    )


def _facts_taken(
    definitions: Definitions, generation: Generation, original: Entry, originals: Originals, number: int
) -> int:
    """The change of the number of facts by a fact that takes another one back: -1 if it is taken back wholly."""
    addition = definitions.game.additions[generation.metric].get(type(original.fact))
    of_original = addition.number(original.fact, generation) if addition else None
    if of_original is None:
        return 1
    return -1 if originals.is_whole(generation.id, original.id, number, of_original) else 0


def _is_true(definitions: Definitions, counter: _Counter, term: _CountedNumber, judged: Entry) -> bool:
    verdicts = term.addition.verdicts(judged.fact)
    if verdicts is not None:
        return counter.digest in verdicts
    assert counter.condition is not None  # noqa: S101
    return holds(definitions, counter.condition, judged)


def _counters(definitions: Definitions) -> _Counters:
    known: _Counters | None = definitions.memory.get(_counters)
    if known is None:
        known = defaultdict(list)
        for generation in counting(definitions):
            for fact, terms in _terms(definitions, generation).items():
                known[fact].append(_counter(definitions, generation, terms))
        definitions.memory[_counters] = known
    return known


def _counter(definitions: Definitions, generation: Generation, terms: list[_CountedNumber]) -> _Counter:
    source = generation.condition
    return _Counter(
        generation,
        tuple(terms),
        combinations_of(definitions, generation),
        definitions.game.board_conditions.condition(source) if source else None,
        digest(source) if source else "",
    )


def _terms(definitions: Definitions, generation: Generation) -> dict[type[Fact], list[_CountedNumber]]:
    game = definitions.game
    judged_by = game.measures[generation.metric].judged_by
    terms: dict[type[Fact], list[_CountedNumber]] = defaultdict(list)
    for place, scored in enumerate(generation.ranked_by):
        is_judged = game.measures[scored.metric].judged_by == judged_by
        sign = -1 if scored.order == "asc" else 1
        for fact, addition in game.additions[scored.metric].items():
            terms[fact].append(_CountedNumber(place, scored, addition, sign, is_judged))
    return terms
