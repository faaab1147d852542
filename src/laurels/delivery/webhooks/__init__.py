"""Webhooks: events sent to addresses that a project's administrators name."""
