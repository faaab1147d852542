"""The history of one participant, decided again with other definitions (a "what-if").

1. Facts from before the period are folded as they are. They are the initial state of both sides.
2. After that, each command is reconstructed from its facts (see kernel/what_if/reconstruction.py) and decided again
   with the draft, at the time when its facts were recorded. The live facts are counted for the live side, and do not
   change the draft's state.
3. Profiles are not facts: expressions read the current profile, even for times before it changed. Rewards never run
   out.
4. An event whose content was removed by the project's retention cannot be decided again: its facts are taken over
   unchanged on both sides.
5. A command's first fact keeps its id from the journal, so that later commands refer to it on both sides.

Both sides are counted in the same way, by their facts. So a draft that equals the live definitions shows no
differences, except for noted approximations.
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
from laurels.kernel.play import FactReplay, TrackedStatus
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import EXAMPLES, Moved, Side, Tally
from laurels.kernel.what_if.reconstruction import PastFact, Reconstruction


def replay(
    tally: Tally, draft: Definitions, participant: Participant, facts: Sequence[PastFact], since: datetime
) -> None:
    """Adds the counts for a participant to `tally`, given all the participant's facts in order. `participant` is empty
    except for profile and zone, and gets the state under the draft."""
    totals, participant.limit_totals = participant.limit_totals, {}
    replayed = _Replay(tally, draft, participant, facts)
    for _, group in groupby(facts, key=lambda past: past.command_id):
        command_facts = list(group)
        if command_facts[0].recorded_at < since:
            replayed.keep(command_facts)
        else:
            participant.limit_totals = totals
            replayed.decide_again(command_facts)
    replayed.finish()


class _Replay:
    """The replay of one participant."""

    def __init__(self, tally: Tally, draft: Definitions, participant: Participant, facts: Sequence[PastFact]) -> None:
        self._tally = tally
        self._draft = draft
        self._participant = participant
        self._reconstruction = Reconstruction(draft, participant, facts)
        self._ids: Iterator[str] = (f"what-if-{number}" for number in count(1))
        self._live: dict[TrackedStatus, str | None] = dict.fromkeys(draft.game.tracked_statuses)
        self._limits_met: set[str] = set()

    def keep(self, command_facts: Sequence[PastFact]) -> None:
        """Takes over the facts of a command unchanged on both sides."""
        for past in command_facts:
            fold(self._draft.game, self._participant, past.entry)
            self._reconstruction.note_draft(past.entry)
        self._note_live(command_facts)

    def decide_again(self, command_facts: Sequence[PastFact]) -> None:
        """Counts the facts of a command for the live side, and decides the command again with the draft."""
        tally, first = self._tally, command_facts[0].entry.fact
        for past in command_facts:
            _count(tally.live, past.entry.fact, self._draft)
        if self._fact_replay(first).is_opaque:
            tally.forgotten_events += 1
            for past in command_facts:
                self._count_draft(past.entry.fact)
            self.keep(command_facts)
            return
        self._settle(command_facts)
        entries = self._decided(command_facts)
        for entry in entries:
            self._count_draft(entry.fact)
        self._reconstruction.note_replacements(_replacements(command_facts, entries))
        for entry in entries:
            self._reconstruction.note_draft(entry)
        self._note_live(command_facts)

    def finish(self) -> None:
        tally = self._tally
        for tracked, before in self._live.items():
            after = tracked.of(self._participant)
            if after != before:
                moved = tally.moves.setdefault((before, after), Moved())
                moved.participants += 1
                if len(moved.examples) < EXAMPLES:
                    moved.examples.append(self._participant.participant_id)
        for definition_id in self._limits_met:
            tally.shared_limits[definition_id] = tally.shared_limits.get(definition_id, 0) + 1
        if self._reconstruction.is_guessed:
            tally.noted.add("older_facts")

    def _fact_replay(self, fact: Fact) -> FactReplay:
        return self._draft.game.fact_replays.get(type(fact)) or FactReplay(fact=type(fact))

    def _note_live(self, command_facts: Sequence[PastFact]) -> None:
        for past in command_facts:
            for tracked in self._live:
                self._live[tracked] = tracked.after(past.entry.fact) or self._live[tracked]
        self._reconstruction.note_live(command_facts)

    def _decided(self, command_facts: Sequence[PastFact]) -> list[Entry]:
        """The facts of the command under the draft."""
        first, now = command_facts[0].entry, command_facts[0].recorded_at
        ids = chain([first.id], self._ids)
        if self._fact_replay(first.fact).repeats:
            self._tally.commands += 1
            return self._repeat(first, now, ids)
        command = self._reconstruction.command(command_facts)
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
        """Takes over a fact unchanged; returns it with its consequences under the draft."""
        self._note(first.fact)
        happening = Happening(self._draft, self._participant, now, ids)
        happening.happen(msgspec.structs.replace(first.fact, outcomes=[]), first.occurred_at)
        follow(happening)
        return happening.entries

    def _settle(self, command_facts: Sequence[PastFact]) -> None:
        """Settles ends that are due: as many as the live command settled if these are its facts, or else all."""
        participant, now = self._participant, command_facts[0].recorded_at
        settlement = self._draft.game.settlement
        is_settlement = settlement.is_end(command_facts[0].entry.fact)
        ends = sum(past.entry.cause_id is None for past in command_facts) if is_settlement else None
        settle = settlement.settle(participant, ends)
        while has_expired(participant, now):
            decision = decide(self._draft, participant, settle, now, self._ids)
            if isinstance(decision, Rejection):
                return
            for entry in decision.entries:
                self._count_draft(entry.fact)
                self._reconstruction.note_draft(entry)
            if ends is not None:
                return

    def _note(self, fact: Fact) -> None:
        note = self._fact_replay(fact).note
        approximation = None if note is None else note(self._draft, self._participant, fact)
        if approximation is not None:
            self._tally.noted.add(approximation)

    def _count_draft(self, fact: Fact) -> None:
        _count(self._tally.draft, fact, self._draft)
        if not self._fact_replay(fact).repeats:
            self._note(fact)
        for outcome in fact.outcomes:
            definition = self._draft.find(outcome.definition_id)
            if definition is not None and definition.is_shared_limit:
                self._limits_met.add(definition.id)


def _replacements(command_facts: Sequence[PastFact], drafted: Sequence[Entry]) -> dict[str, str]:
    """The ids of a command's live facts, each with the id of the draft's fact of the same kind and due to the same
    definition. Later commands refer to such facts, for example to reverse or fulfil them."""
    candidates: dict[tuple[str, str | None], list[str]] = {}
    for entry in reversed(drafted[1:]):
        candidates.setdefault((entry.fact.kind, entry.fact.due_to), []).append(entry.id)
    matches = (
        (past.entry.id, candidates.get((past.entry.fact.kind, past.entry.fact.due_to))) for past in command_facts[1:]
    )
    return {live_id: drafted_ids.pop() for live_id, drafted_ids in matches if drafted_ids}


def _count(side: Side, fact: Fact, definitions: Definitions) -> None:
    fact_replay = definitions.game.fact_replays.get(type(fact))
    if fact_replay is not None and fact_replay.count is not None:
        fact_replay.count(side, fact)
    for outcome in fact.outcomes:
        counted = side.of(outcome.definition_id)
        definition = definitions.find(outcome.definition_id)
        is_fired = outcome.outcome == "acted" and (definition is None or definition.fires_by_outcome)
        counted.fired += is_fired
        counted.limited += outcome.outcome in ("limited", "group_taken")
        counted.failed += outcome.outcome in ("failed", "cut")
