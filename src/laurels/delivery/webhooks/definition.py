"""Webhooks, as administrators write them."""

import re
from types import GenericAlias
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from laurels.delivery.webhooks.addresses import InvalidTargetError, target_of
from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition, with_fields
from laurels.kernel.feed import EVERY_TYPE
from laurels.kernel.game import Game
from laurels.kernel.input.problems import field_problem, shortened

HEADERS_LIMIT = 20
TYPES = Meta(min_length=1, max_length=200)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_OWN_HEADERS = {
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_OWN_PREFIXES = ("webhook-", "laurels-", "proxy-")

HeaderName = Annotated[str, Meta(min_length=1, max_length=100)]
HeaderValue = Annotated[str, Meta(min_length=1, max_length=1_000)]


class Webhook(Definition, frozen=True, kw_only=True):
    """A webhook, as the game sees it: it does not take part."""

    kind: ClassVar[str] = "webhook"


class WebhookDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to which the project's events are sent."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The webhook's name, for your team."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """A text for your team; null for none."""
    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    """The address, which begins with `https://` or `http://`. Private addresses are refused, unless the operator of the
    server allows their network."""
    types: Annotated[list[str], TYPES]
    """The types of events that are sent; `*` for all, including types of later versions."""
    headers: Annotated[dict[HeaderName, HeaderValue], Meta(max_length=HEADERS_LIMIT)] = {}
    """Further headers of the requests. They are shown to administrators and written into definitions files: secrets
    do not belong here."""
    include_historical: bool = False
    """Whether events of the past are sent as well: from imports, and from `laurels apply --past silently`."""
    signature_header: HeaderName | None = None
    """The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed with the text of the
    secret, for receivers written for other products; null for none."""

    def __post_init__(self) -> None:
        try:
            target_of(self.url)
        except InvalidTargetError as error:
            raise field_problem("url", str(error)) from None
        names = [("headers", name) for name in self.headers]
        names += [("signature_header", self.signature_header)] if self.signature_header else []
        for field, name in names:
            if not _HEADER.fullmatch(name):
                raise field_problem(field, f"must be a header name, not {shortened(repr(name))}")
            if name.lower() in _OWN_HEADERS or name.lower().startswith(_OWN_PREFIXES):
                raise field_problem(field, f"must not be {name}, which Laurels sets itself; choose another name")
        if len({name.lower() for _, name in names}) < len(names):
            raise field_problem(names[-1][0], "must not repeat a header name; upper and lower case are the same")
        for name, value in self.headers.items():
            if not _VALUE.fullmatch(value):
                raise field_problem(
                    "headers", f"must have printable ASCII, without outer spaces, as the value of {name}"
                )


def _compiled(row: StoredDefinition) -> Webhook:
    return Webhook(id=row.id, code=row.code, name=row.body["name"], is_active=row.is_active, is_deleted=row.is_deleted)


EXAMPLE = {
    "code": "crm",
    "name": "CRM",
    "url": "https://crm.example/laurels",
    "types": ["tier.changed", "badge.earned"],
    "headers": {},
}


WITHOUT_GAME = Kind(Webhook, WebhookDefinition, _compiled, example=EXAMPLE, is_simulated=False)
"""The kind of webhooks for edits by the server, which keep the types."""


def kind(game: Game) -> Kind:
    """The kind of webhooks with the types of events of this game."""
    types = GenericAlias(list, Literal.__getitem__((EVERY_TYPE, *game.feed)))
    body = with_fields(WebhookDefinition, {}, types=Annotated[types, TYPES])
    return Kind(Webhook, body, _compiled, example=EXAMPLE, is_simulated=False)
