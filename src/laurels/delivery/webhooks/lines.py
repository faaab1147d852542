"""The deliveries of one webhook that are in memory: those of a participant form a line, and are sent one after
another. Pure."""

from collections import deque
from collections.abc import Iterable

from msgspec.structs import replace

from laurels.storage.webhooks.sending import TakenDelivery

LONGEST_LINE = 20
"""Further deliveries of a participant stay in the database, so that one participant does not fill the memory."""


class Line:
    """The deliveries of one participant, in order. `continues`: the database has further ones."""

    def __init__(self) -> None:
        self.ahead: deque[TakenDelivery] = deque()
        self.continues = False


class Lines:
    """The lines of one webhook, of which some have a delivery in progress."""

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}
        self._ready: deque[TakenDelivery] = deque()
        self._numbers: set[int] = set()
        self._newer: dict[int, TakenDelivery] = {}
        """Deliveries that were read again after an erasure had changed them."""

    @property
    def size(self) -> int:
        """The number of deliveries, including those in progress."""
        return len(self._numbers)

    @property
    def has_ready(self) -> bool:
        """Whether a delivery can be sent now."""
        return bool(self._ready)

    @property
    def numbers(self) -> list[int]:
        return list(self._numbers)

    def add_due(self, taken: Iterable[TakenDelivery]) -> None:
        """Adds deliveries that were due, and those behind them, in the order of their numbers. Their lines are not
        here, and may have further ones in the database.

        A delivery that is here was made due by an erasure, and its row has no line any more. It keeps its place here,
        and is sent as it is now."""
        added: dict[int, Line] = {}
        for each in taken:
            line = None if each.line is None else added.get(each.line)
            if each.number in self._numbers:
                self._newer[each.number] = each
            elif line is None:
                self._begin(each)
                if each.line is not None:
                    added[each.line] = self._lines[each.line]
            else:
                self._append(line, each)
        for line in added.values():
            line.continues = True

    def add_new(self, taken: Iterable[TakenDelivery], held_back: frozenset[int]) -> set[int]:
        """Adds new deliveries. Those of lines in `held_back` stay in the database, unless the line is here. Returns
        these lines: the deliveries before them may have ended since `held_back` was read."""
        left: set[int] = set()
        for each in taken:
            line = None if each.line is None else self._lines.get(each.line)
            if line is not None:
                self._append(line, each)
            elif each.line is not None and each.line in held_back:
                left.add(each.line)
            else:
                self._begin(each)
        return left

    def _begin(self, taken: TakenDelivery) -> None:
        if taken.line is not None:
            self._lines[taken.line] = Line()
        self._ready.append(taken)
        self._numbers.add(taken.number)

    def _append(self, line: Line, taken: TakenDelivery) -> None:
        """Adds the delivery, unless an earlier one of its line was left to the database."""
        if line.continues or len(line.ahead) >= LONGEST_LINE:
            line.continues = True
        else:
            line.ahead.append(taken)
            self._numbers.add(taken.number)

    def next_ready(self) -> TakenDelivery | None:
        """The next delivery to send, if there is one."""
        if not self._ready:
            return None
        taken = self._ready.popleft()
        newer = self._newer.pop(taken.number, None)
        return taken if newer is None else replace(newer, line=taken.line)

    def succeeded(self, taken: TakenDelivery) -> int | None:
        """Ends a delivery in progress; the next one of its line is ready. Returns the line if the next one is in the
        database."""
        self._forget(taken)
        line = self._line_of(taken)
        if line is None or taken.line is None:
            return None
        if line.ahead:
            self._ready.append(line.ahead.popleft())
            return None
        del self._lines[taken.line]
        return taken.line if line.continues else None

    def failed(self, taken: TakenDelivery) -> int | None:
        """Ends a delivery in progress, and leaves the others of its line to the database. Those whose row no longer has
        a line are ready. Returns the line."""
        self._forget(taken)
        line = self._line_of(taken)
        if line is None or taken.line is None:
            return None
        for each in line.ahead:
            newer = self._newer.get(each.number)
            self._forget(each)
            if newer is not None:
                self._begin(newer)
        del self._lines[taken.line]
        return taken.line

    def not_here(self, lines: Iterable[int]) -> set[int]:
        """Those of the lines that are not here. The others continue in the database, as far as is known."""
        found = set()
        for each in lines:
            if each in self._lines:
                self._lines[each].continues = True
            else:
                found.add(each)
        return found

    def _forget(self, taken: TakenDelivery) -> None:
        self._numbers.discard(taken.number)
        self._newer.pop(taken.number, None)

    def _line_of(self, taken: TakenDelivery) -> Line | None:
        return None if taken.line is None else self._lines.get(taken.line)
