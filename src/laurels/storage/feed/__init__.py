"""Feed events in the database: the outbox, the listeners of projects, the numbered events."""
