"""The play of rewards: claiming a reward, and closing a claim."""

from collections.abc import Sequence
from typing import Any

from laurels.kernel.commands import Command
from laurels.kernel.deciding.acting import required
from laurels.kernel.deciding.decision import Decision, followed
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listing import acts, decides, explains, folds, shows
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.needs import NOTHING, Need, Needs, union
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play, WhatIfHooks
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import Approximation, Side
from laurels.kernel.what_if.reconstruction import Memory, PastFact, Reconstruction
from laurels.mechanics.badges.play import EARNED
from laurels.mechanics.points.deciding.awarding import balance, expire, find_next_expiry, refuses_lots
from laurels.mechanics.points.deciding.needs import ANY_LOTS, COMPLETIONS, LOT_COUNT, LOTS, LotNeeds, Taken
from laurels.mechanics.points.play import CHANGED, end_multiplier, fold_moved
from laurels.mechanics.points.purse.model import PURSE, PointsExpired
from laurels.mechanics.rewards import rules
from laurels.mechanics.rewards.explain import show_claimed
from laurels.mechanics.rewards.feed import FEED
from laurels.mechanics.rewards.model import (
    CLAIMS,
    STOCKS,
    CancelClaim,
    ClaimCancelled,
    ClaimCancelledAnswer,
    ClaimFulfilled,
    ClaimFulfilledAnswer,
    ClaimReward,
    FulfilClaim,
    GrantReward,
    Reward,
    RewardClaimed,
    RewardClaimedAnswer,
    RewardEffect,
    Stock,
)

NAMED_CLAIMS = Need[frozenset[str]]("claims", union)
CLAIMABLE = Need[frozenset[tuple[str, int]]]("rewards", union)
"""The ids of rewards, each with the maximum number of its codes that the command can take."""


def claim(happening: Happening, command: ClaimReward) -> Decision | Rejection:
    participant = happening.participant
    claimed = rules.claim(
        happening.definitions, participant, command.reward, happening.now, deducts_points=command.deducts_points
    )
    if isinstance(claimed, Rejection):
        return claimed
    entry = happening.happen(claimed, happening.now)
    answer = RewardClaimedAnswer(
        claim_id=entry.id,
        participant_id=command.participant_id,
        reward_name=claimed.reward_name,
        reward_type=claimed.reward_type,
        code_value=claimed.code,
        points_deducted=claimed.amount,
        new_balance=participant[PURSE].balance,
    )
    return followed(happening, answer)


def fulfil(happening: Happening, command: FulfilClaim) -> Decision | Rejection:
    fulfilled = rules.fulfil(happening.participant[CLAIMS].by_id, command)
    if isinstance(fulfilled, Rejection):
        return fulfilled
    happening.happen(fulfilled, happening.now)
    answer = ClaimFulfilledAnswer(
        claim_id=command.claim_id,
        participant_id=command.participant_id,
        reward_name=happening.definitions[Reward].by_id[fulfilled.reward_id].name,
        status="fulfilled",
        fulfilled_at=happening.now,
    )
    return Decision(happening.entries, answer)


def cancel(happening: Happening, command: CancelClaim) -> Decision | Rejection:
    cancelled = rules.cancel(happening.participant[PURSE], happening.participant[CLAIMS].by_id, command)
    if isinstance(cancelled, Rejection):
        return cancelled
    if refused := refuses_lots(happening, cancelled.lots):
        return refused
    expire(happening, happening.happen(cancelled, happening.now).id)
    answer = ClaimCancelledAnswer(
        claim_id=command.claim_id,
        participant_id=command.participant_id,
        reward_name=happening.definitions[Reward].by_id[cancelled.reward_id].name,
        status="cancelled",
        points_returned=cancelled.amount,
        item_returned=cancelled.returns_item,
        new_balance=balance(happening),
        cancelled_at=happening.now,
    )
    return followed(happening, answer)


def _grant(happening: Happening, action: GrantReward, act: Act) -> str | None:
    participant, now = happening.participant, happening.now
    claimed = rules.claim(happening.definitions, participant, action.reward_code, now, deducts_points=False)
    # A granted reward takes effect now, even if the event is of the past.
    happening.happen(required(claimed), now, act.cause_id, act.definition_id)
    return None


def _fold_claimed(participant: Participant, entry: Entry, fact: RewardClaimed) -> None:
    fold_moved(participant, entry, fact)
    rules.fold_claimed(participant, entry, fact)
    find_next_expiry(participant)


def _fold_cancelled(participant: Participant, entry: Entry, fact: ClaimCancelled) -> None:
    fold_moved(participant, entry, fact)
    rules.fold_cancelled(participant, fact)
    end_multiplier(participant, fact.claim_id)
    find_next_expiry(participant)


def _fold_fulfilled(participant: Participant, _: Entry, fact: ClaimFulfilled) -> None:
    rules.fold_fulfilled(participant[CLAIMS], fact)


def _needed_to_claim(claimable: list[Reward], times: int) -> Needs:
    """The needs of up to `times` claims of each reward."""
    return Needs(
        {
            CLAIMABLE: frozenset((reward.id, times) for reward in claimable),
            EARNED: any(reward.required_badges for reward in claimable),
        }
    )


def _lots_of_a_claim(definitions: Definitions, _: Participant, command: ClaimReward, __: int) -> LotNeeds:
    reward = rules.find(definitions, command.reward)
    return LotNeeds(reward.points_cost if reward is not None and command.deducts_points else 0)


def _lots_of_a_cancellation(
    _: Definitions, participant: Participant, command: CancelClaim, taken: int
) -> LotNeeds | None:
    claim = participant[CLAIMS].by_id.get(command.claim_id)
    if claim is None or claim.status != "claimed":
        return None
    returned = claim.lots if command.returns_points else []
    return LotNeeds(taken, frozenset(lot.expires_at for lot in returned))


def _needed_by_claim(definitions: Definitions, command: ClaimReward) -> Needs:
    reward = rules.find(definitions, command.reward)
    return NOTHING if reward is None else _needed_to_claim([reward], 1)


def _needed_to_close(_: Definitions, command: FulfilClaim | CancelClaim) -> Needs:
    return Needs({NAMED_CLAIMS: frozenset({command.claim_id})})


def _needed_to_grant(definitions: Definitions, actions: list[GrantReward], _: list[Definition]) -> Needs:
    by_code = definitions[Reward].by_code
    granted = [by_code[action.reward_code] for action in actions if action.reward_code in by_code]
    if not granted:
        return NOTHING
    # A free claim can still start a multiplier, whose end counts among the participant's ends.
    return _needed_to_claim(granted, len(actions) * COMPLETIONS).with_all_of(ANY_LOTS)


def _effects(definitions: Definitions, _: Participant, brought: Brought) -> list[RewardEffect]:
    return [
        RewardEffect(
            claim_id=entry.id,
            reward_code=definitions[Reward].by_id[entry.fact.reward_id].code,
            reward_name=entry.fact.reward_name,
            reward_type=entry.fact.reward_type,
            code_value=entry.fact.code,
            due_to=due_to,
        )
        for entry, due_to in brought
        if isinstance(entry.fact, RewardClaimed)
    ]


class EndlessStocks(dict[str, Stock]):
    """For each reward, a stock that never runs out."""

    def __init__(self, definitions: Definitions) -> None:
        super().__init__()
        rewards = definitions[Reward].by_id.values()
        self._endless = {reward.id: Stock(-(2**62), ["what-if"]) for reward in rewards}

    def get(self, reward_id: str, default: Any = None) -> Any:
        return self._endless.get(reward_id, default)

    def __setitem__(self, reward_id: str, stock: Stock) -> None:
        """Ignores the change."""


def _prepare(draft: Definitions, participant: Participant, _: Sequence[Entry], __: Memory) -> None:
    participant.shared[STOCKS] = EndlessStocks(draft)


def _reconstruct(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    match command_facts[0].entry.fact:
        case RewardClaimed(amount=amount, reward_id=name, deducts_points=deducts_points):
            reward = reconstruction.draft[Reward].by_id.get(name)
            if deducts_points is None:
                deducts_points = amount > 0
                reconstruction.is_guessed |= not deducts_points and reward is not None and reward.points_cost > 0
            return ClaimReward(reward=name, deducts_points=deducts_points, **reconstruction.participant_fields)
        case ClaimFulfilled(claim_id=name):
            return FulfilClaim(claim_id=reconstruction.current_id(name), **reconstruction.participant_fields)
        case ClaimCancelled(amount=amount, returns_points=returns_points) as fact:
            name = reconstruction.current_id(fact.claim_id)
            claim = reconstruction.participant[CLAIMS].by_id.get(name)
            if returns_points is None:
                returns_points = amount > 0
                reconstruction.is_guessed |= not returns_points and claim is not None and claim.points > 0
            return CancelClaim(
                claim_id=name,
                returns_points=returns_points,
                returns_item=fact.returns_item,
                **reconstruction.participant_fields,
            )
    return None


def _count(side: Side, fact: RewardClaimed) -> None:
    side.points_deducted += fact.amount
    side.of(fact.reward_id).points_deducted += fact.amount
    side.of(fact.reward_id).fired += 1


def _approximation(draft: Definitions, _: Participant, fact: RewardClaimed) -> Approximation | None:
    """Whether the result for a draft is approximate: a reward with limited stock was claimed."""
    reward = draft[Reward].by_id.get(fact.reward_id)
    is_bounded = reward is not None and (reward.has_codes or reward.total_inventory is not None)
    return "rewards" if is_bounded else None


PLAY = Play(
    slices=(CLAIMS,),
    commands=(
        decides(
            ClaimReward,
            claim,
            needs=Needs({LOTS: Taken(of_command=_lots_of_a_claim)}),
            particular=_needed_by_claim,
            can_cause=(RewardClaimed,),
        ),
        decides(FulfilClaim, fulfil, particular=_needed_to_close, can_cause=(ClaimFulfilled,), creates=False),
        decides(
            CancelClaim,
            cancel,
            needs=Needs({LOTS: Taken(of_command=_lots_of_a_cancellation), LOT_COUNT: True}),
            particular=_needed_to_close,
            can_cause=(ClaimCancelled, PointsExpired),
            creates=False,
        ),
    ),
    facts=(
        folds(RewardClaimed, _fold_claimed, changes=CHANGED),
        folds(ClaimCancelled, _fold_cancelled, changes=CHANGED),
        folds(ClaimFulfilled, _fold_fulfilled),
    ),
    actions=(acts(GrantReward, _grant, can_cause=(RewardClaimed,), needs=_needed_to_grant),),
    effects=(
        shows("rewards", list[RewardEffect], _effects, facts=(RewardClaimed,), description="The rewards granted."),
    ),
    showing=(explains(RewardClaimed, show_claimed),),
    replay=(
        FactReplay(fact=RewardClaimed, reconstruct=_reconstruct, count=_count, note=_approximation),
        FactReplay(fact=ClaimFulfilled, reconstruct=_reconstruct),
        FactReplay(fact=ClaimCancelled, reconstruct=_reconstruct),
    ),
    what_if_hooks=WhatIfHooks(prepare=_prepare),
    feed=FEED,
)
