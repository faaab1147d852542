"""Earning caps: their definitions."""

from laurels.mechanics.earning_caps.definition import KIND
from laurels.web.definitions import DefinitionResource
from laurels.web.endpoint import Routes

routes = Routes("Earning caps")


resource = DefinitionResource(routes, KIND)
