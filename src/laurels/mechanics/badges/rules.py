"""The rules of badges. A badge is earned once, and can be earned again after it was taken away.

| command | badge | participant | outcome |
|---|---|---|---|
| award  | active   | has not earned it | earned |
| award  | any known | has earned it | unchanged; the response has the time when it was earned |
| award  | inactive | has not earned it | refused |
| revoke | any known | has earned it | taken away |
| revoke | any known | has not earned it | refused |

A badge with criteria is also earned as soon as they are true. Criteria are judged when a variable that they read has
changed.
"""

from datetime import datetime

from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.mechanics.badges.model import AwardBadge, Badge, BadgeEarned, BadgeNotEarned, BadgeRevoked, RevokeBadge


def award(
    definitions: Definitions, earned: dict[str, datetime], command: AwardBadge
) -> tuple[Badge, BadgeEarned | None] | DefinitionNotFound | DefinitionInactive:
    """The badge and the fact; the fact is None if the badge was earned before."""
    badge = definitions[Badge].by_code.get(command.badge_code)
    if badge is None:
        return DefinitionNotFound("badge", command.badge_code)
    if badge.id in earned:
        return badge, None
    if not badge.is_active:
        return DefinitionInactive("badge", command.badge_code)
    fact = BadgeEarned(
        badge_id=badge.id,
        badge_code=badge.code,
        metadata=command.metadata,
        by_criteria=False,
        reason=command.reason,
    )
    return badge, fact


def earned_by_criteria(badge: Badge, *, silent: bool = False) -> BadgeEarned:
    return BadgeEarned(badge_id=badge.id, badge_code=badge.code, by_criteria=True, silent=silent)


def revoke(
    definitions: Definitions, earned: dict[str, datetime], command: RevokeBadge
) -> BadgeRevoked | DefinitionNotFound | BadgeNotEarned:
    badge = definitions[Badge].by_code.get(command.badge_code)
    if badge is None:
        return DefinitionNotFound("badge", command.badge_code)
    if badge.id not in earned:
        return BadgeNotEarned(command.badge_code)
    return BadgeRevoked(badge_id=badge.id, badge_code=badge.code, reason=command.reason)


def visible(definitions: Definitions, earned: dict[str, datetime]) -> list[Badge]:
    """The badges that a participant can see, in display order: earned ones, and others that are active and not
    hidden."""
    shown = [
        badge
        for badge in definitions[Badge].by_code.values()
        if badge.id in earned or (badge.is_active and not badge.is_hidden)
    ]
    return sorted(shown, key=lambda badge: (badge.display_order, badge.code))


def fold_earned(earned: dict[str, datetime], fact: BadgeEarned, occurred_at: datetime) -> None:
    earned[fact.badge_id] = occurred_at


def fold_revoked(earned: dict[str, datetime], fact: BadgeRevoked) -> None:
    earned.pop(fact.badge_id, None)
