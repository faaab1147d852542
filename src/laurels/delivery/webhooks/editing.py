"""The consequences of an edit of a webhook: the check of its address, its secret, and the events that it listens to."""

import asyncio
import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial
from ipaddress import ip_address
from typing import Any

from laurels.delivery.webhooks.addresses import Target, may_connect, target_of
from laurels.delivery.webhooks.definition import WebhookDefinition
from laurels.delivery.webhooks.signing import SECRET_BYTES, secret_of
from laurels.kernel.definitions.body import DefinitionBody
from laurels.kernel.input.networks import Network
from laurels.settings import Settings
from laurels.storage.definitions import DefinitionRow
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.webhooks import webhooks
from laurels.web.definition_editor import Edit
from laurels.web.protocol.errors import Refusal, invalid

LOOK_UP_SECONDS = 2.0
"""A name that is not found within this time is checked only when it is connected to."""

_LOOK_UP_THREADS = ThreadPoolExecutor(16, "look-up")
"""The threads of the event loop also look up the name of the database, and must not wait for the names of webhooks."""

_new_secret: ContextVar[tuple[str, str] | None] = ContextVar("new_secret", default=None)
"""The webhook that this request has created, and its secret: the response to the request shows it, and no other."""


def unavailable_on_citus() -> Refusal:
    detail = "This server runs on Citus, where Laurels has no feed and no webhooks yet; see docs/feed.md"
    return Refusal(409, detail, code="feed_unavailable")


def new_secret() -> str:
    return secret_of(secrets.token_bytes(SECRET_BYTES))


async def on_edit(connection: Connection, edit: Edit) -> None:
    """Carries out the consequences, in the transaction of the edit. Raises Refusal 409 on Citus."""
    if Settings.from_environment().citus:
        raise unavailable_on_citus()
    row = edit.after
    if edit.before is None:
        secret = new_secret()
        await webhooks.add(connection, edit.project_id, row.id, secret)
        _new_secret.set((row.id, secret))
    if not row.is_active or edit.is_deletion:
        await webhooks.stop_listening(connection, edit.project_id, row.id)
        return
    await webhooks.listen(connection, edit.project_id, row.id, row.body["types"])
    if edit.before is not None and (edit.is_restoration or not edit.before.is_active):
        await webhooks.continue_from_now(connection, row.id)


async def check(webhook: DefinitionBody) -> None:
    """Raises Refusal 422 for an active webhook whose address is not allowed."""
    assert isinstance(webhook, WebhookDefinition)  # noqa: S101
    if webhook.is_active:
        await check_address(webhook.url, Settings.from_environment().allowed_networks)


async def check_address(url: str, allowed: tuple[Network, ...]) -> None:
    """Raises Refusal 422 for a host without any address that a request may go to."""
    target = target_of(url)
    addresses = await _addresses(target)
    if addresses and not any(may_connect(ip_address(address), allowed) for address in addresses):
        raise invalid(
            "url",
            "must have a public address. The operator of the server can allow further networks with "
            "LAURELS_WEBHOOK_NETWORKS",
        )


async def _addresses(target: Target) -> list[str]:
    """The addresses of the host; none if its name is unknown now."""
    if target.address is not None:
        return [str(target.address)]
    look_up = partial(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM)
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await asyncio.get_running_loop().run_in_executor(_LOOK_UP_THREADS, look_up)
    except (OSError, TimeoutError, UnicodeError):
        return []
    return [str(place[0]) for *_, place in found]


async def extras(connection: Fetches, rows: list[DefinitionRow]) -> dict[str, dict[str, Any]]:
    """The fields of responses that are not in the body."""
    standings = await webhooks.standings(connection, [row.id for row in rows])
    new = _new_secret.get()
    return {
        row.id: {
            "secret": new[1] if new is not None and new[0] == row.id else None,
            "failing_since": standing.failing_since if standing else None,
            "disabled_reason": standing.disabled_reason if standing else None,
        }
        for row in rows
        for standing in [standings.get(row.id)]
    }
