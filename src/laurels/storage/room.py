"""The room of a batch: a bound on the rows that it loads from lists that can be very long, so that people with long
lists do not delay others.

A person who needs more rows than one person may load in a shared batch waits for a separate batch. A person for whom
there is no room beside the others goes into the next batch.
"""

from enum import Enum
from math import inf

ROWS_OF_ONE = 512
ROWS_TOGETHER = 2_048


class NoRoom(Enum):
    """The reason why a person is left out of a batch."""

    ALONE = "needs a batch alone"
    BEYOND = "fits into the next one"
    UNSETTLED = "more has ended than the batch could settle"


class Room:
    """The rows taken so far, by subject. Each batch has one."""

    def __init__(self, of_one: float = ROWS_OF_ONE, of_all: float = ROWS_TOGETHER) -> None:
        self.of_one = of_one
        self._of_all = of_all
        self.refused: dict[str, NoRoom] = {}
        self._together = 0
        self._by_subject: dict[str, int] = {}

    @classmethod
    def alone(cls, *, is_one_command: bool = False) -> "Room":
        """The room of participants who need a batch alone. One command has room for all its participants."""
        return cls(inf, inf if is_one_command else ROWS_TOGETHER)

    @property
    def longest(self) -> int:
        """The LIMIT for one list in statements."""
        return int(min(self.of_one, 2**31 - 1))

    def take(self, subject: str, rows: int, otherwise: NoRoom = NoRoom.BEYOND) -> bool:
        """Takes room for `rows` more, and returns whether there was enough. After a refusal the person gets no more
        room. A person who is the only one in the batch has room up to the bound of one person."""
        if subject in self.refused:
            return False
        mine = self._by_subject.get(subject, 0)
        others = self._together - mine
        if mine + rows > self.of_one:
            self.refused[subject] = NoRoom.ALONE
        elif others and others + mine + rows > self._of_all:
            self.refused[subject] = otherwise
        else:
            self._by_subject[subject] = mine + rows
            self._together += rows
            return True
        self._together -= self._by_subject.pop(subject, 0)
        return False
