"""Earning caps: their definitions."""

from laurels.mechanics.points.cap_definition import KIND
from laurels.web.definitions import DefinitionResource
from laurels.web.endpoint import Routes

routes = Routes("Earning caps")


resource = DefinitionResource(routes, KIND)
