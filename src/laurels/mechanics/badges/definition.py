"""The definition of badges."""

from typing import Annotated, ClassVar

from msgspec import Meta

from laurels.kernel.cel.expressions import WITHOUT_VARIABLES, Expressions
from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import DefinitionBody, Kind, PastReach, StoredDefinition, with_fields
from laurels.kernel.definitions.checks import check_expression
from laurels.kernel.facts import Fact
from laurels.kernel.game import Game
from laurels.kernel.input.fields import ImageUrl
from laurels.mechanics.badges.model import Badge, BadgeEarned


class BadgeDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A badge. A hidden badge is shown only to participants who have earned it."""

    expressions: ClassVar[Expressions] = WITHOUT_VARIABLES

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The name that participants see."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """The text that participants see; null for none."""
    icon_url: ImageUrl | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    category: Annotated[str, Meta(max_length=100)] | None = None
    """A word for your application to group badges by; null for none."""
    rarity: Annotated[str, Meta(min_length=1, max_length=50)] = "common"
    """How rare the badge is, in your own words."""
    is_hidden: bool = False
    """Whether only participants who have earned the badge see it."""
    criteria: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=2_000,
                description="A CEL expression over participant and now. The badge is earned as soon as it is true.",
            ),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        check_expression("criteria", self.criteria, self.expressions.criterion)


def _compiled(row: StoredDefinition) -> Badge:
    body = row.body
    return Badge(
        id=row.id,
        code=row.code,
        name=body["name"],
        description=body["description"],
        icon_url=body["icon_url"],
        rarity=body["rarity"],
        display_order=row.display_order,
        is_hidden=body["is_hidden"],
        criteria=body.get("criteria"),
        version=row.version,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _is_judged(badge: Definition) -> bool:
    return isinstance(badge, Badge) and badge.criteria is not None and badge.is_active


def _given_by(fact: Fact) -> str | None:
    return fact.badge_id if isinstance(fact, BadgeEarned) else None


EXAMPLE = {
    "code": "night_owl",
    "name": "Night Owl",
    "description": "Ten orders after midnight",
    "icon_url": "https://app.example.com/owl.png",
    "category": "achievement",
    "rarity": "epic",
    "display_order": 10,
}


def kind(game: Game) -> Kind:
    """The kind of badges, whose criteria read the variables of this game."""
    return Kind(
        Badge,
        with_fields(BadgeDefinition, {"expressions": game.expressions}),
        _compiled,
        example=EXAMPLE,
        past_reach=PastReach(fields=frozenset({"criteria", "is_active"}), is_judged=_is_judged, given_by=_given_by),
    )
