"""What a mechanic adds to the API."""

from dataclasses import dataclass

from laurels.web.definitions import DefinitionResource
from laurels.web.endpoint import Routes


@dataclass(frozen=True, kw_only=True)
class Api:
    """The endpoints of one mechanic, those that edit its definitions among them."""

    routes: tuple[Routes, ...] = ()
    resources: tuple[DefinitionResource, ...] = ()
    """One for each kind of its definitions: files of definitions are applied by them, too."""
