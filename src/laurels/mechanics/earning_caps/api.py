"""Earning caps: their definitions."""

from laurels.mechanics.earning_caps.definition import KIND
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Routes

routes = Routes(
    "Earning caps",
    about="How many points a participant can be awarded in a day, week or month. Guide: [The points "
    "economy](docs/economy.md).",
)


resource = routes.place(DeclaredResource(KIND))
