"""Switching off a webhook whose receiver is gone, or has failed for too long."""

from datetime import UTC, datetime

import msgspec
import structlog

from laurels.delivery.webhooks import editing
from laurels.delivery.webhooks.definition import WITHOUT_GAME, Webhook
from laurels.delivery.webhooks.feed import DISABLED, DisabledReason, WebhookDisabledData
from laurels.kernel.commands import Actor
from laurels.storage import definitions
from laurels.storage.feed import listeners, outbox
from laurels.storage.feed.outbox import Announcement
from laurels.storage.office import audit
from laurels.storage.postgres.ids import new_id
from laurels.storage.postgres.pools import Edits
from laurels.storage.webhooks import webhooks
from laurels.storage.webhooks.holding import HeldWebhook
from laurels.web.definition_editor import DefinitionEditor

log = structlog.get_logger("laurels.delivery")

SERVER = Actor(name="server")

_editor = DefinitionEditor(WITHOUT_GAME, editing.on_edit)


async def switch_off(edits: Edits, webhook: HeldWebhook, reason: DisabledReason, failing_since: datetime) -> None:
    """Switches the webhook off, with an entry in the audit log and a feed event. Nothing happens if an administrator
    has changed the address meanwhile."""
    now = datetime.now(UTC)
    async with edits.transaction() as connection:
        version = await definitions.lock(connection, webhook.project_id)
        row = await definitions.get(connection, webhook.project_id, Webhook.kind, webhook.id, webhook.code)
        if row is None or not row.is_active or row.body["url"] != webhook.url:
            return
        body = msgspec.structs.replace(WITHOUT_GAME.body_of(row), is_active=False)
        with audit.acting(SERVER):
            await _editor.change(connection, webhook.project_id, row, body, version, now)
        await webhooks.note_disabled(connection, webhook.id, reason)
        if await listeners.listens(connection, webhook.project_id, DISABLED.name):
            data = WebhookDisabledData(webhook_code=webhook.code, reason=reason, failing_since=failing_since)
            event = Announcement(
                id=new_id(),
                project_id=webhook.project_id,
                type=DISABLED.name,
                occurred_at=now,
                recorded_at=now,
                data=data,
            )
            await outbox.add(connection, [event])
    log.warning("webhook_disabled", webhook=webhook.id, reason=reason)
