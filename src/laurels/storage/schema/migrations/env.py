"""Runs the migrations on the connection that `laurels.storage.schema.migrate` opened."""

from alembic import context

connection = context.config.attributes["connection"]
version_table = context.config.attributes["version_table"]
context.configure(connection=connection, transaction_per_migration=True, version_table=version_table)
with context.begin_transaction():
    # Several servers may start at once on one database: the first one migrates, and the others wait until it is done.
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5217, 1)")
    context.run_migrations()
