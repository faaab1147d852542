"""What-if: the facts of one participant, decided again by other definitions.

1. Facts from before the time looked at are folded as they are: they are the state that both sides begin with.
2. After that, the command that facts tell of is decided again by the draft, at the time at which they were recorded
   (see kernel/what_if/rehearsal.py). The facts are counted for the live side and leave the draft's state alone.
3. Profiles are no facts: expressions read the present one, also when it is told that a profile changed. Of every reward
   there is enough.
4. An event that the project's retention has emptied cannot be decided again: it and what it set off are taken as they
   were, on both sides.
5. A command's first fact has the id that it has in the journal, so that later commands name it on both sides.

What is tried and what is live are counted alike, by what facts say: so definitions tried against themselves differ in
nothing, but for what is noted as an approximation.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, count, groupby

import msgspec

from laurels.kernel.deciding.cascade import follow
from laurels.kernel.deciding.decide import decide, has_expired
from laurels.kernel.deciding.fold import fold
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.participant import Participant
from laurels.kernel.play import Replaying, Standing
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import EXAMPLES, Moved, Side, Tally
from laurels.kernel.what_if.rehearsal import Past, Rehearsal


def replay(tally: Tally, draft: Definitions, participant: Participant, facts: Sequence[Past], since: datetime) -> None:
    """Adds what the participant's facts tell, all of them and in their order. `participant` is empty but for the
    profile and the zone, and becomes what it would be under the draft."""
    totals, participant.limit_totals = participant.limit_totals, {}
    replayed = _Replay(tally, draft, participant, facts)
    for _, group in groupby(facts, key=lambda past: past.command_id):
        brought = list(group)
        if brought[0].recorded_at < since:
            replayed.keep(brought)
        else:
            participant.limit_totals = totals
            replayed.try_again(brought)
    replayed.finish()


class _Replay:
    """Of one participant."""

    def __init__(self, tally: Tally, draft: Definitions, participant: Participant, facts: Sequence[Past]) -> None:
        self._tally = tally
        self._draft = draft
        self._participant = participant
        self._rehearsal = Rehearsal(draft, participant, facts)
        self._ids: Iterator[str] = (f"what-if-{number}" for number in count(1))
        self._live: dict[Standing, str | None] = dict.fromkeys(draft.game.standings)
        self._limits_met: set[str] = set()

    def keep(self, brought: Sequence[Past]) -> None:
        """What happened, on both sides."""
        for past in brought:
            fold(self._draft.game, self._participant, past.entry)
            self._rehearsal.decided(past.entry)
        self._tell(brought)

    def try_again(self, brought: Sequence[Past]) -> None:
        """What happened on the live side, and what the draft makes of the command."""
        tally, first = self._tally, brought[0].entry.fact
        for past in brought:
            _count(tally.live, past.entry.fact, self._draft)
        if self._of(first).is_opaque:
            tally.forgotten_events += 1
            for past in brought:
                self._count_draft(past.entry.fact)
            self.keep(brought)
            return
        self._settle(brought)
        entries = self._decide_again(brought)
        for entry in entries:
            self._count_draft(entry.fact)
        self._rehearsal.match(_alike(brought, entries))
        for entry in entries:
            self._rehearsal.decided(entry)
        self._tell(brought)

    def finish(self) -> None:
        tally = self._tally
        for standing, before in self._live.items():
            after = standing.of(self._participant)
            if after != before:
                moved = tally.moves.setdefault((before, after), Moved())
                moved.participants += 1
                if len(moved.examples) < EXAMPLES:
                    moved.examples.append(self._participant.participant_id)
        for definition_id in self._limits_met:
            tally.shared_limits[definition_id] = tally.shared_limits.get(definition_id, 0) + 1
        if self._rehearsal.is_guessed:
            tally.noted.add("older_facts")

    def _of(self, fact: Fact) -> Replaying:
        return self._draft.game.replaying.get(type(fact)) or Replaying(fact=type(fact))

    def _tell(self, brought: Sequence[Past]) -> None:
        for past in brought:
            for standing in self._live:
                self._live[standing] = standing.after(past.entry.fact) or self._live[standing]
        self._rehearsal.tell(brought)

    def _decide_again(self, brought: Sequence[Past]) -> list[Entry]:
        first, now = brought[0].entry, brought[0].recorded_at
        ids = chain([first.id], self._ids)
        if self._of(first.fact).repeats:
            self._tally.commands += 1
            return self._repeat(first, now, ids)
        command = self._rehearsal.asked(brought)
        if command is None:
            return []
        self._tally.commands += 1
        self._tally.events += command.is_event
        decision = decide(self._draft, self._participant, command, now, ids)
        if isinstance(decision, Rejection):
            self._tally.refused += 1
            return []
        return decision.entries

    def _repeat(self, first: Entry, now: datetime, ids: Iterator[str]) -> list[Entry]:
        """What a fact sets off that is told again as it is."""
        self._note(first.fact)
        happening = Happening(self._draft, self._participant, now, ids)
        happening.happen(msgspec.structs.replace(first.fact, outcomes=[]), first.occurred_at)
        follow(happening)
        return happening.entries

    def _settle(self, brought: Sequence[Past]) -> None:
        """What has expired, and what that sets off: as much of it as these facts tell of, or else all."""
        participant, now = self._participant, brought[0].recorded_at
        settlement = self._draft.game.settlement
        is_told = settlement.is_end(brought[0].entry.fact)
        told = sum(past.entry.cause_id is None for past in brought) if is_told else None
        settle = settlement.settle(participant, told)
        while has_expired(participant, now):
            decision = decide(self._draft, participant, settle, now, self._ids)
            if isinstance(decision, Rejection):
                return
            for entry in decision.entries:
                self._count_draft(entry.fact)
                self._rehearsal.decided(entry)
            if told is not None:
                return

    def _note(self, fact: Fact) -> None:
        note = self._of(fact).note
        why = None if note is None else note(self._draft, self._participant, fact)
        if why is not None:
            self._tally.noted.add(why)

    def _count_draft(self, fact: Fact) -> None:
        _count(self._tally.draft, fact, self._draft)
        if not self._of(fact).repeats:
            self._note(fact)
        for outcome in fact.outcomes:
            definition = self._draft.find(outcome.definition_id)
            if definition is not None and definition.is_shared_limit:
                self._limits_met.add(definition.id)


def _alike(brought: Sequence[Past], drafted: Sequence[Entry]) -> dict[str, str]:
    """The ids of what a command brought with those of its like in the draft: of the same kind and due to the same
    definition. Later commands name them, to reverse or fulfil them."""
    waiting: dict[tuple[str, str | None], list[str]] = {}
    for entry in reversed(drafted[1:]):
        waiting.setdefault((entry.fact.kind, entry.fact.due_to), []).append(entry.id)
    likes = ((past.entry.id, waiting.get((past.entry.fact.kind, past.entry.fact.due_to))) for past in brought[1:])
    return {name: found.pop() for name, found in likes if found}


def _count(side: Side, fact: Fact, definitions: Definitions) -> None:
    replaying = definitions.game.replaying.get(type(fact))
    if replaying is not None and replaying.count is not None:
        replaying.count(side, fact)
    for outcome in fact.outcomes:
        counted = side.of(outcome.definition_id)
        definition = definitions.find(outcome.definition_id)
        is_fired = outcome.outcome == "acted" and (definition is None or definition.fires_by_outcome)
        counted.fired += is_fired
        counted.limited += outcome.outcome in ("limited", "group_taken")
        counted.failed += outcome.outcome in ("failed", "cut")
