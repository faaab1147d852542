"""How much a batch may load of what people can have very much of, so that they hold nobody else up.

Who needs more than one person may have among others waits for a batch alone; for whom there is no room beside the
others the next batch has some.
"""

from enum import Enum
from math import inf

ROWS_OF_ONE = 512
ROWS_TOGETHER = 2_048


class NoRoom(Enum):
    """Why nothing can be decided about somebody in a batch."""

    ALONE = "needs a batch alone"
    BEYOND = "fits into the next one"
    UNSETTLED = "more has ended than the batch could settle"


class Room:
    """What is taken, by subject. One a batch."""

    def __init__(self, of_one: float = ROWS_OF_ONE, of_all: float = ROWS_TOGETHER) -> None:
        self.of_one = of_one
        self._of_all = of_all
        self.refused: dict[str, NoRoom] = {}
        self._together = 0
        self._by_subject: dict[str, int] = {}

    @classmethod
    def alone(cls, *, is_one_command: bool = False) -> "Room":
        """Of those who need a batch alone. One command has room for all its participants."""
        return cls(inf, inf if is_one_command else ROWS_TOGETHER)

    @property
    def longest(self) -> int:
        """Of one list, in statements."""
        return int(min(self.of_one, 2**31 - 1))

    def take(self, subject: str, rows: int, otherwise: NoRoom = NoRoom.BEYOND) -> bool:
        """Room for so many more, or none for this person any more. Somebody who is alone always has some, up to what
        one may have."""
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
