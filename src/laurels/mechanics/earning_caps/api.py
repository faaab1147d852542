"""Earning caps: their definitions."""

from laurels.mechanics.earning_caps.definition import KIND
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Routes

routes = Routes("Earning caps")


resource = routes.place(DeclaredResource(KIND))
