"""What a command's own facts bring about, in rounds.

1. In the first round an event's rules act, one after another; then the challenges that listen to it advance.
2. At the end of each round badges are judged whose criteria read what has changed; an earned badge may earn others.
3. What milestones and completed challenges do makes the next round. After ROUNDS rounds or FACTS facts the rest is cut
   off, and that is noted: definitions that set one another off for ever, or more of them each round, cannot keep a
   request busy.
4. The actions of one definition take effect as a whole or not at all, in a fixed order: points and the tier that they
   reach, tiers, streaks, challenges, badges, rewards. An action on a badge, tier, streak or challenge that is not
   active changes nothing, and the others take effect; unless they deduct points: whoever pays gets all of it.
5. Points that an event of the past brings, and that would have expired since, expire when all else is done.
6. One command completes a challenge at most COMPLETIONS_LIMIT times (`challenges/`); what is beyond counts with the
   next that advances it.
7. Nothing that fails here refuses the command; it is noted in the outcomes that the command's first fact keeps.
"""

import msgspec

from laurels.kernel import readings
from laurels.kernel.acting import attempt
from laurels.kernel.facts import Outcome
from laurels.kernel.fold import fold_outcomes
from laurels.kernel.happening import Act, Happening
from laurels.kernel.needs import listeners
from laurels.kernel.reacting import advance_listening, apply_rules, earn_badges
from laurels.mechanics.events.model import EventRecorded

ROUNDS = 8
FACTS = 1_000


class Cascade(Happening):
    """Makes the facts of one command happen and follows what they set off. Used for one command."""

    def follow(self) -> None:
        """All that the facts so far set off."""
        if not self.entries:
            return
        first = self.entries[0]
        if isinstance(first.fact, EventRecorded):
            heard = listeners(self.definitions, first.fact.event_name)
            if heard.reads:
                self.values = readings.of(self.definitions, self.participant, self.now, heard.reads, first)
            apply_rules(self, heard, first)
            advance_listening(self, heard.challenges, first)
        earn_badges(self)
        left = self._go_rounds()
        if self.has_outlived:
            self.expire(first.id)
            earn_badges(self)
        for definition_id in dict.fromkeys(act.definition_id for act in (*left, *self.due)):
            self.note(Outcome(definition_id, "cut"))
        if self.outcomes:
            fold_outcomes(self.participant, self.outcomes)
            fact = msgspec.structs.replace(first.fact, outcomes=self.outcomes)
            self.entries[0] = msgspec.structs.replace(first, fact=fact)

    def _go_rounds(self) -> list[Act]:
        """All rounds but the first. Gives what is left of one that became too long."""
        for _ in range(ROUNDS - 1):
            if not self.due:
                break
            due, self.due = self.due, []
            for done, act in enumerate(due):
                if len(self.entries) >= FACTS:
                    earn_badges(self)
                    return due[done:]
                self._act(act)
            earn_badges(self)
        return []

    def _act(self, act: Act) -> None:
        done = attempt(self, act)
        outcome = Outcome(act.definition_id, "failed" if done.failure else "acted", done.failure or done.idle)
        if outcome.detail is not None:
            self.note(outcome)
