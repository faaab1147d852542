"""The facts of points, as explain shows them."""

from typing import Any

from laurels.kernel import decimals
from laurels.kernel.definition import Definitions
from laurels.mechanics.points.purse.model import EarningCap, PointsAwarded, PointsFact


def show_lots(data: dict[str, Any], _: Definitions, fact: PointsFact) -> None:
    if fact.lots:
        data["lots"] = [{"expires_at": lot.expires_at, "points": lot.points} for lot in fact.lots]


def show_awarded(data: dict[str, Any], definitions: Definitions, fact: PointsAwarded) -> None:
    data.pop("cap_windows", None)
    if fact.multiplier is not None:
        data["multiplier"] = decimals.shown(fact.multiplier)
    if fact.capped_by:
        caps = definitions[EarningCap].by_id
        data["capped_by"] = [caps[cap_id].code if cap_id in caps else cap_id for cap_id in fact.capped_by]
