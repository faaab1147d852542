"""Alembic migrations, in hand-written SQL. `laurels.storage.schema.migrate` runs them."""
