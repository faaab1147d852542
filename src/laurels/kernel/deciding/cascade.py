"""The consequences of a command's own facts, in rounds.

1. In the first round, the listeners to the command's first fact react: for an event its rules, one after another; then
   the challenges advance.
2. At the end of each round, the reactions to changed state follow: badges are judged whose criteria read a changed
   variable. An earned badge may earn others.
3. The actions of milestones and completed challenges form the next round. After ROUNDS rounds or FACTS facts, the
   remaining actions are cut off, and an outcome records this. Definitions that trigger one another in a circle, or more
   of them in each round, cannot keep a request busy.
4. All actions of one definition take effect, or none of them, in the game's fixed order. If an action's target is
   inactive, this action changes nothing, and the others take effect. If one of the actions has a price, the inactive
   target refuses all of them: a participant who pays gets everything.
5. Points and other things that an event of the past gives, and that would have expired by now, expire at the end.
6. One command completes a challenge a limited number of times. Further progress counts with the next command that
   advances the challenge.
7. A failure here does not refuse the command. It is recorded in the outcomes of the command's first fact.
8. If a command has several participants, these rules apply to each of them, with the participant's own first fact and
   state.
"""

import msgspec

from laurels.kernel.deciding import variables
from laurels.kernel.deciding.acting import attempt
from laurels.kernel.deciding.fold import fold_outcomes
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listening import listeners_of
from laurels.kernel.facts import Outcome

ROUNDS = 8
FACTS = 1_000


def follow(happening: Happening) -> None:
    """Adds the consequences of the facts so far, one participant after the other."""
    for other in (happening, *happening.others):
        if other.entries:
            _follow(other)


def _follow(happening: Happening) -> None:
    first = happening.entries[0]
    listeners = happening.game.listeners.get(type(first.fact), ())
    if listeners:
        name = listeners[0].name_of(first.fact)
        reads = listeners_of(happening.definitions, type(first.fact), name).reads
        if reads:
            happening.values = variables.current_values(
                happening.definitions, happening.participant, happening.now, reads, first
            )
        for listener in listeners:
            listener.react(happening, first)
    _end_round(happening)
    left = _go_rounds(happening)
    for finish in happening.game.at_end:
        if finish(happening):
            _end_round(happening)
    for definition_id in dict.fromkeys(act.definition_id for act in (*left, *happening.due)):
        happening.note(Outcome(definition_id, "cut"))
    if happening.outcomes:
        fold_outcomes(happening.participant, happening.outcomes)
        fact = msgspec.structs.replace(first.fact, outcomes=happening.outcomes)
        happening.entries[0] = msgspec.structs.replace(first, fact=fact)


def _end_round(happening: Happening) -> None:
    for each in happening.game.round_ends:
        each.react(happening)


def _go_rounds(happening: Happening) -> list[Act]:
    """Performs all rounds after the first, and returns the acts that were cut off."""
    for _ in range(ROUNDS - 1):
        if not happening.due:
            break
        due, happening.due = happening.due, []
        for done, act in enumerate(due):
            if len(happening.entries) >= FACTS:
                _end_round(happening)
                return due[done:]
            _act(happening, act)
        _end_round(happening)
    return []


def _act(happening: Happening, act: Act) -> None:
    done = attempt(happening, act)
    outcome = Outcome(act.definition_id, "failed" if done.failure else "acted", done.failure or done.idle)
    if outcome.detail is not None:
        happening.note(outcome)
