"""Badges: the decision table, what is shown, and earning again."""

from datetime import timedelta
from typing import Any

import pytest

from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, ParticipantNotFound
from laurels.mechanics.badges import rules as badges
from laurels.mechanics.badges.model import (
    BADGES,
    AwardBadge,
    Badge,
    BadgeAwardedAnswer,
    BadgeEarned,
    BadgeNotEarned,
    BadgeRevoked,
    BadgeRevokedAnswer,
    RevokeBadge,
)
from tests.core.given import NOW, definitions_with, participant, run

EARLIER = NOW - timedelta(days=1)


def badge(code: str = "owl", **particulars: Any) -> Badge:
    return Badge(id=f"badge-{code}", code=code, name=code.title(), **particulars)


def award(code: str = "owl", **optional: Any) -> AwardBadge:
    return AwardBadge(project_id=1, participant_id="ada", badge_code=code, **optional)


def revoke(code: str = "owl", **optional: Any) -> RevokeBadge:
    return RevokeBadge(project_id=1, participant_id="ada", badge_code=code, **optional)


def known(*shown: Badge) -> Definitions:
    return definitions_with(1, badges=shown)


EARNED = BadgeEarned(badge_id="badge-owl", badge_code="owl", metadata={"a": 1}, by_criteria=False)
REVOKED = BadgeRevoked(badge_id="badge-owl", badge_code="owl", reason="mistake")


@pytest.mark.parametrize(
    ("defined", "is_earned", "command", "expected"),
    [
        (badge(), False, award(metadata={"a": 1}), EARNED),
        (badge(), True, award(metadata={"a": 1}), None),
        (badge(is_active=False), False, award(), DefinitionInactive("badge", "owl")),
        (badge(is_active=False), True, award(), None),
        (badge(is_hidden=True), False, award(metadata={"a": 1}), EARNED),
        (badge(is_deleted=True), True, award(), DefinitionNotFound("badge", "owl")),
        (badge("other"), False, award(), DefinitionNotFound("badge", "owl")),
        (badge(), True, revoke(reason="mistake"), REVOKED),
        (badge(is_active=False), True, revoke(reason="mistake"), REVOKED),
        (badge(), False, revoke(), BadgeNotEarned("owl")),
        (badge("other"), False, revoke(), DefinitionNotFound("badge", "owl")),
    ],
)
def test_awarding_and_taking_away(defined: Badge, is_earned: bool, command: Any, expected: Any) -> None:
    who = participant(exists=True)
    if is_earned:
        who[BADGES][defined.id] = EARLIER
    outcome = run(who, command, known(defined))
    if isinstance(outcome, Decision):
        assert [entry.fact for entry in outcome.entries] == ([expected] if expected else [])
    else:
        assert outcome == expected
        assert who[BADGES] == ({defined.id: EARLIER} if is_earned else {})


def test_nobody_has_no_badge_to_take_away() -> None:
    assert run(participant(), revoke(), known(badge())) == ParticipantNotFound("ada")


def test_answers_tell_when_a_badge_was_first_earned() -> None:
    defined = badge(rarity="rare", icon_url="https://x/owl.png")
    who = participant(exists=True)
    who[BADGES][defined.id] = EARLIER
    outcome = run(who, award(), known(defined))
    assert isinstance(outcome, Decision)
    assert outcome.answer == BadgeAwardedAnswer(
        participant_id="ada",
        badge_code="owl",
        badge_name="Owl",
        icon="https://x/owl.png",
        rarity="rare",
        earned_at=EARLIER,
        already_earned=True,
    )
    taken = run(who, revoke(), known(defined))
    assert isinstance(taken, Decision)
    assert isinstance(taken.answer, BadgeRevokedAnswer)
    assert (taken.answer.earned_at, taken.answer.revoked_at, who[BADGES]) == (EARLIER, NOW, {})
    again = run(who, award(), known(defined))
    assert isinstance(again, Decision)
    assert again.answer == BadgeAwardedAnswer(
        participant_id="ada",
        badge_code="owl",
        badge_name="Owl",
        icon="https://x/owl.png",
        rarity="rare",
        earned_at=NOW,
        already_earned=False,
    )


@pytest.mark.parametrize(
    ("defined", "if_earned", "if_not"),
    [
        (badge(), True, True),
        (badge(is_hidden=True), True, False),
        (badge(is_active=False), True, False),
        (badge(is_deleted=True), False, False),
    ],
)
def test_what_is_shown(defined: Badge, if_earned: bool, if_not: bool) -> None:
    assert bool(badges.visible(known(defined), {defined.id: NOW})) == if_earned
    assert bool(badges.visible(known(defined), {})) == if_not


def test_badges_are_shown_in_display_order() -> None:
    shown = [badge("c", display_order=1), badge("b", display_order=2), badge("a", display_order=2)]
    assert [found.code for found in badges.visible(known(*reversed(shown)), {})] == ["c", "a", "b"]
