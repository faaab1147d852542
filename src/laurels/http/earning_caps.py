"""Earning caps: their definitions."""

from laurels.definitions.earning_caps import KIND
from laurels.http.definitions import DefinitionResource
from laurels.http.endpoint import Routes

routes = Routes("Earning caps")


resource = DefinitionResource(routes, KIND)
