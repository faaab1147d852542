"""What the tests of the core start from: definitions, participants, a clock that stands still and ids in order."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from itertools import count
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from laurels.app import COMPOSITION
from laurels.kernel.actions import Action
from laurels.kernel.commands import Command, JudgeAnew
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.decide import decide
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact, Outcome
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import Answer
from laurels.mechanics.badges.model import AwardBadge, Badge, BadgeEarned, BadgeRevoked, RevokeBadge
from laurels.mechanics.challenges.model import (
    Challenge,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeJoined,
    ChallengeLeft,
    JoinChallenge,
    LeaveChallenge,
    MilestoneReached,
    Objective,
)
from laurels.mechanics.events.model import EVENTS, EventCount, RecordEvent
from laurels.mechanics.leaderboards.scoring.model import Leaderboard
from laurels.mechanics.participants.model import PROFILE, Profile, SaveProfile
from laurels.mechanics.points.purse.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
)
from laurels.mechanics.points.purse.model import (
    PURSE,
    EarningCap,
    GivePoints,
    Multiplier,
    PointsAwarded,
    PointsDeducted,
    PointsFact,
    Purse,
    ReversibleTransaction,
)
from laurels.mechanics.rewards.model import STOCKS, CancelClaim, ClaimReward, FulfilClaim, Reward
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.streaks.model import RecordStreak, Streak, StreakRecorded
from laurels.mechanics.tiers.model import TIER, AssignTier, Tier, TierAssigned, TierReached, TierStanding

GAME = COMPOSITION.game
FACTS = GAME.facts
NOW = datetime(2026, 2, 14, 10, 0, tzinfo=UTC)
LARGEST_EXACT = 9_007_199_254_740_991


def tier(code: str, level: int, min_points: int = 0, **particulars: Any) -> Tier:
    return Tier(
        **{"id": f"tier-{code}", "code": code, "name": code.title(), **particulars}, level=level, min_points=min_points
    )


BRONZE = tier("bronze", 1, 0)
SILVER = tier("silver", 2, 1_000)
GOLD = tier("gold", 3, 5_000)
PLATINUM = tier("platinum", 4, 10_000)
METALS = (BRONZE, SILVER, GOLD, PLATINUM)


def definitions(*tiers: Tier) -> Definitions:
    return definitions_with(1, tiers)


def at(text: str) -> datetime:
    """An instant, in UTC unless it says otherwise."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def give(amount: int | str, **optional: Any) -> GivePoints:
    return GivePoints(amount=amount, **optional)


def rule(code: str, *actions: Action, event_name: str = "login", **particulars: Any) -> Rule:
    return Rule(
        id=f"rule-{code}", code=code, name=f"Rule {code}", event_name=event_name, actions=actions, **particulars
    )


def objective(target: int, code: str = "o", *, event_name: str = "login", **particulars: Any) -> Objective:
    """`target` is in millionths if the objective sums."""
    return Objective(code=code, name=f"Objective {code}", event_name=event_name, target=target, **particulars)


def challenge(code: str, *objectives: Objective, **particulars: Any) -> Challenge:
    return Challenge(id=f"challenge-{code}", code=code, name=f"Challenge {code}", objectives=objectives, **particulars)


def badge(code: str, criteria: str | None = None, **particulars: Any) -> Badge:
    return Badge(id=f"badge-{code}", code=code, name=code.title(), criteria=criteria, **particulars)


def streak(code: str, **particulars: Any) -> Streak:
    return Streak(**{"id": f"streak-{code}", "code": code, "name": code.title(), "period": "daily", **particulars})


class Account(Struct):
    """What the account's row keeps of a participant, of all mechanics together."""

    seq: int = 0
    balance: int = 0
    total_earned: int = 0
    total_spent: int = 0
    total_expired: int = 0
    held: int = 0
    transactions: int = 0
    total_events: int = 0
    tier: TierStanding | None = None
    multipliers: list[Multiplier] = []
    next_expiry_at: datetime | None = None
    latest_earned_at: datetime | None = None
    latest_spent_at: datetime | None = None
    latest_event_at: datetime | None = None


def account(who: Participant) -> Account:
    purse, events = who[PURSE], who[EVENTS]
    return Account(
        seq=who.seq,
        balance=purse.balance,
        total_earned=purse.total_earned,
        total_spent=purse.total_spent,
        total_expired=purse.total_expired,
        held=purse.held,
        transactions=purse.transactions,
        total_events=events.total,
        tier=who[TIER],
        multipliers=purse.multipliers,
        next_expiry_at=who.next_expiry_at,
        latest_earned_at=purse.latest_earned_at,
        latest_spent_at=purse.latest_spent_at,
        latest_event_at=events.latest_at,
    )


def participant(*, exists: bool = False, profile: Profile | None = None, **row: Any) -> Participant:
    """`row` are fields of the Account. All slices are there, so that participants compare."""
    held = Account(**row)
    who = Participant(
        project_id=1,
        participant_id="ada",
        lane=7,
        subject="subject-of-ada",
        exists=exists,
        seq=held.seq,
        next_expiry_at=held.next_expiry_at,
        slices={part: part.empty() for part in GAME.slices},
        shared={STOCKS: {}},
    )
    who[PROFILE], who[TIER] = profile, held.tier
    who[EVENTS] = EventCount(held.total_events, held.latest_event_at)
    who[PURSE] = Purse(**{name: value for name, value in asdict(held).items() if name in Purse.__struct_fields__})
    return who


def copied(who: Participant) -> Participant:
    """A deep copy, with the same slices."""
    return deepcopy(who, {id(key): key for key in (*who.slices, *who.shared)})


def award(amount: int, **optional: Any) -> AwardPoints:
    return AwardPoints(project_id=1, participant_id="ada", amount=amount, **optional)


def deduct(amount: int, **optional: Any) -> DeductPoints:
    return DeductPoints(project_id=1, participant_id="ada", amount=amount, **optional)


def assign(tier_code: str, **optional: Any) -> AssignTier:
    return AssignTier(project_id=1, participant_id="ada", tier_code=tier_code, **optional)


def event(event_name: str = "login", **optional: Any) -> RecordEvent:
    return RecordEvent(project_id=1, participant_id="ada", event_name=event_name, **optional)


def award_badge(code: str, **optional: Any) -> AwardBadge:
    return AwardBadge(project_id=1, participant_id="ada", badge_code=code, **optional)


def revoke_badge(code: str, **optional: Any) -> RevokeBadge:
    return RevokeBadge(project_id=1, participant_id="ada", badge_code=code, **optional)


def record_streak(code: str, **optional: Any) -> RecordStreak:
    return RecordStreak(project_id=1, participant_id="ada", streak_code=code, **optional)


def join_challenge(code: str, **optional: Any) -> JoinChallenge:
    return JoinChallenge(project_id=1, participant_id="ada", challenge_code=code, **optional)


def leave_challenge(code: str, **optional: Any) -> LeaveChallenge:
    return LeaveChallenge(project_id=1, participant_id="ada", challenge_code=code, **optional)


def register(**fields: Any) -> SaveProfile:
    return SaveProfile(project_id=1, participant_id="ada", create=True, **fields)


def change(**fields: Any) -> SaveProfile:
    return SaveProfile(project_id=1, participant_id="ada", create=False, **fields)


def ids(facts_before: int = 0) -> Iterator[str]:
    return (f"fact-{number}" for number in count(facts_before + 1))


def hold(amount: int, **optional: Any) -> HoldPoints:
    return HoldPoints(project_id=1, participant_id="ada", amount=amount, **optional)


def capture(hold_id: str, amount: int | None = None) -> CaptureHold:
    return CaptureHold(project_id=1, participant_id="ada", hold_id=hold_id, amount=amount)


def release(hold_id: str) -> ReleaseHold:
    return ReleaseHold(project_id=1, participant_id="ada", hold_id=hold_id)


def reverse(transaction_id: str, amount: int | None = None) -> ReversePoints:
    return ReversePoints(project_id=1, participant_id="ada", transaction_id=transaction_id, amount=amount)


def settle() -> SettleExpiries:
    return SettleExpiries(project_id=1, participant_id="ada")


def claim(reward: str, *, deducts_points: bool = False) -> ClaimReward:
    return ClaimReward(project_id=1, participant_id="ada", reward=reward, deducts_points=deducts_points)


class Everything(tuple[str, ...]):
    """Has every id there is."""

    def __contains__(self, definition_id: object) -> bool:
        return True


def judge_anew(definition_ids: tuple[str, ...] = Everything(), *, silent: bool = False) -> JudgeAnew:
    return JudgeAnew(project_id=1, participant_id="ada", definition_ids=definition_ids, silent=silent)


def fulfil(claim_id: str) -> FulfilClaim:
    return FulfilClaim(project_id=1, participant_id="ada", claim_id=claim_id)


def cancel(claim_id: str, **optional: Any) -> CancelClaim:
    return CancelClaim(project_id=1, participant_id="ada", claim_id=claim_id, **optional)


def run(
    who: Participant, command: Command, known: Definitions | None = None, now: datetime | None = None
) -> Decision | Rejection:
    """Decides as the engine does: whoever has a fact exists from then on."""
    outcome = decide(known or definitions(*METALS), who, command, now or NOW, ids(who.seq))
    if isinstance(outcome, Decision) and outcome.entries:
        who.exists = True
        keep_transactions(who, outcome)
    return outcome


def keep_transactions(who: Participant, decision: Decision) -> None:
    """What the store finds in the journal when a command names it."""
    for entry in decision.entries:
        if isinstance(entry.fact, PointsFact):
            who[PURSE].reversible[entry.id] = ReversibleTransaction(entry.fact, entry.occurred_at)


def answer(who: Participant, command: Command, known: Definitions | None = None) -> Answer:
    outcome = run(who, command, known)
    assert isinstance(outcome, Decision), outcome
    return outcome.answer


def hear(
    known: Definitions, who: Participant, moment: datetime = NOW, event_name: str = "login", **properties: Any
) -> Decision:
    """An event that occurred at `moment`, which is told at NOW, or at once if that is later."""
    command = event(event_name, properties=properties, occurred_at=moment)
    outcome = decide(known, who, command, max(NOW, moment), ids())
    assert isinstance(outcome, Decision), outcome
    who.exists = True
    return outcome


def outcomes(decision: Decision) -> list[Outcome]:
    return decision.entries[0].fact.outcomes


def followed(decision: Decision) -> list[str]:
    """What came after the command's own fact, in a few words each."""
    return told(decision.entries[1:])


def told(entries: Iterable[Entry]) -> list[str]:
    return [_told(entry.fact) for entry in entries]


def _told(fact: Fact) -> str:
    match fact:
        case PointsAwarded():
            return f"+{fact.amount}"
        case PointsDeducted():
            return f"-{fact.amount}"
        case TierReached() | TierAssigned():
            return f"tier {fact.tier_code}"
        case StreakRecorded():
            return f"streak {fact.streak_code} {fact.count}"
        case BadgeEarned() | BadgeRevoked():
            return f"{'badge' if isinstance(fact, BadgeEarned) else 'no badge'} {fact.badge_code}"
        case ChallengeJoined():
            return f"{fact.challenge_code} joined"
        case ChallengeLeft():
            return f"{fact.challenge_code} left"
        case ChallengeAdvanced():
            return f"{fact.challenge_code}.{fact.objective} +{fact.by}"
        case MilestoneReached():
            return f"{fact.challenge_code} {fact.percent}%"
        case ChallengeCompleted():
            return f"{fact.challenge_code} done"
        case _:
            return fact.kind


def definitions_with(
    version: int,
    tiers: Iterable[Tier] = (),
    badges: Iterable[Badge] = (),
    streaks: Iterable[Streak] = (),
    *,
    leaderboards: Iterable[Leaderboard] = (),
    rules: Iterable[Rule] = (),
    challenges: Iterable[Challenge] = (),
    rewards: Iterable[Reward] = (),
    earning_caps: Iterable[EarningCap] = (),
    calendar: Calendar | None = None,
) -> Definitions:
    of_kinds = (tiers, badges, streaks, leaderboards, rules, challenges, rewards, earning_caps)
    return Definitions(GAME, version, [each for of_kind in of_kinds for each in of_kind], calendar)
