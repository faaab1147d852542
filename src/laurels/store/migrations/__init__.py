"""Alembic migrations, in hand-written SQL. `laurels.store.schema` runs them."""
