"""The actions of rules and challenges. All actions of one definition take effect, or none of them."""

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from laurels.kernel.actions import AMOUNT_LIMIT, Action
from laurels.kernel.cel.environment import EvaluationError
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.participant import Snapshot
from laurels.kernel.rejections import AmountOutOfRange, DefinitionInactive, DefinitionNotFound, Rejection

NO_AMOUNT = "the amount was 0"
NOTHING_NEW = "it was so already"

_Accepted = TypeVar("_Accepted")


class ActionRefusedError(Exception):
    """The refusal of an action by the rules of the game."""


class ActionInactiveError(ActionRefusedError):
    """The refusal of an action on an inactive definition. The other actions of its list can take effect without it."""


class _Mark(Struct, frozen=True):
    """The state of a happening before actions that may be refused."""

    state: Snapshot
    entries: int
    due: int
    outcomes: int


class ActResult(Struct, frozen=True):
    """The result of an act: the reason for its failure, or a list of its actions that changed nothing."""

    failure: str | None
    idle: str | None = None


def attempt(happening: Happening, act: Act) -> ActResult:
    """Performs all of the actions, or none (kernel/deciding/cascade.py, rule 4)."""
    game = happening.game
    # A single action changes nothing when it is refused, so that nothing has to be restored.
    actions: Sequence[Action] = act.actions
    before = None
    if len(actions) > 1:
        before = _marked(happening)
        actions = sorted(actions, key=lambda action: game.action_order[type(action)])
    idle: list[str] = []
    inactive: list[str] = []
    for action in actions:
        name = type(action).__struct_config__.tag
        try:
            nothing = game.acting[type(action)].act(happening, action, act)
        except (EvaluationError, ActionRefusedError) as error:
            if not isinstance(error, ActionInactiveError) or any(action.is_paid for action in actions):
                if before is not None:
                    _back_to(happening, before)
                return ActResult(f"{name}: {error}")
            nothing = str(error)
            inactive.append(f"{name}: {error}")
        if nothing is not None:
            idle.append(f"{name} changed nothing ({nothing})")
    if act.actions and len(inactive) == len(act.actions):
        return ActResult("; ".join(inactive))
    return ActResult(None, "; ".join(idle) or None)


def accepted(outcome: _Accepted | Rejection) -> _Accepted:
    """The outcome of an action. Raises ActionRefusedError for a rejection: ActionInactiveError if a definition is
    inactive."""
    if isinstance(outcome, DefinitionInactive):
        raise ActionInactiveError(sentence(outcome))
    return required(outcome)


def required(outcome: _Accepted | Rejection) -> _Accepted:
    """Like `accepted`, but an inactive definition also refuses all other actions of the list."""
    if isinstance(outcome, Rejection):
        raise ActionRefusedError(sentence(outcome))
    return outcome


def amount(happening: Happening, amount: int | str) -> int:
    """The amount of an action. Raises ActionRefusedError and EvaluationError."""
    if isinstance(amount, int):
        return amount
    computed = happening.game.expressions.amount(amount).number(happening.values)
    if not 0 <= computed <= AMOUNT_LIMIT:
        raise ActionRefusedError(sentence(AmountOutOfRange(computed, AMOUNT_LIMIT)))
    return computed


def sentence(rejection: Rejection) -> str:
    """The text of a rejection in an outcome, such as "insufficient points: available 5, requested 10"."""
    match rejection:
        case DefinitionNotFound(kind=kind, code=code):
            return f"there was no {kind} {code}"
        case DefinitionInactive(kind=kind, code=code):
            return f"the {kind} {code} was not active"
    words = re.sub(r"(?<!^)([A-Z])", r" \1", type(rejection).__name__).lower()
    fields = ", ".join(f"{name} {value}" for name, value in msgspec.structs.asdict(rejection).items())
    return f"{words}: {fields}" if fields else words


def _marked(happening: Happening) -> _Mark:
    return _Mark(
        Snapshot.of(happening.participant), len(happening.entries), len(happening.due), len(happening.outcomes)
    )


def _back_to(happening: Happening, mark: _Mark) -> None:
    mark.state.restore(happening.participant)
    del happening.entries[mark.entries :]
    del happening.due[mark.due :]
    del happening.outcomes[mark.outcomes :]
