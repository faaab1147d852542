"""Webhooks, in the form of a mechanic: they have definitions and events, and take no part in the game."""

from laurels.delivery.webhooks import api
from laurels.delivery.webhooks.checks import INVARIANTS
from laurels.delivery.webhooks.feed import FEED
from laurels.kernel.play import Play
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import KeptState, Tables
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="webhooks",
    play=Play(feed=FEED),
    tables=Tables(
        invariants=INVARIANTS,
        in_one_place=("webhook", "webhook_delivery", "webhook_sender"),
        kept_states=(KeptState(kind="webhook", shown="it sends events again, from that moment"),),
    ),
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
