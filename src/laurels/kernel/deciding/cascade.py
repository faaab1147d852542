"""What a command's own facts bring about, in rounds.

1. In the first round those act who listen to the command's first fact: for an event its rules, one after another; then
   the challenges advance.
2. At the end of each round follows what watches the state: badges are judged whose criteria read what has changed; an
   earned badge may earn others.
3. What milestones and completed challenges do makes the next round. After ROUNDS rounds or FACTS facts the rest is cut
   off, and that is noted: definitions that set one another off for ever, or more of them each round, cannot keep a
   request busy.
4. The actions of one definition take effect as a whole or not at all, in a fixed order, that of the game. An action on
   something that is not active changes nothing, and the others take effect; unless one of them has its price: whoever
   pays gets all of it.
5. What an event of the past brings, and that would have expired since, expires when all else is done.
6. One command completes a challenge a bounded number of times; what is beyond counts with the next that advances it.
7. Nothing that fails here refuses the command; it is noted in the outcomes that the command's first fact keeps.
8. Of a command about several participants, all this is said of each: of the participant's own first fact and state.
"""

import msgspec

from laurels.kernel.deciding import variables
from laurels.kernel.deciding.acting import attempt
from laurels.kernel.deciding.fold import fold_outcomes
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listening import heard
from laurels.kernel.facts import Outcome

ROUNDS = 8
FACTS = 1_000


def follow(happening: Happening) -> None:
    """All that the facts so far set off, of one participant after the other."""
    for other in (happening, *happening.others):
        if other.entries:
            _follow(other)


def _follow(happening: Happening) -> None:
    first = happening.entries[0]
    listeners = happening.game.listeners.get(type(first.fact), ())
    if listeners:
        name = listeners[0].name_of(first.fact)
        reads = heard(happening.definitions, type(first.fact), name).reads
        if reads:
            happening.values = variables.present(
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
    """All rounds but the first. Gives what is left of one that became too long."""
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
