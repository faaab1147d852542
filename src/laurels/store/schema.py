"""The database's schema: migrating it and telling whether it is current."""

from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from laurels.store import partitions


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(database_url: str) -> str:
    """Brings the schema to the newest revision, makes the journal's coming partitions; returns the revision.

    Safe to run from several servers at once. Raises ConnectionError when the database cannot be reached.
    """
    engine = sqlalchemy.create_engine(_psycopg_url(database_url), poolclass=sqlalchemy.NullPool)
    config = _config()
    try:
        connected = engine.connect()
    except sqlalchemy.exc.OperationalError as error:
        raise ConnectionError(" ".join(str(error.orig).split())) from error
    with connected as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
        partitions.ensure(connection)
        connection.commit()
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision or ""


def newest_revision() -> str:
    """The revision that this version of Laurels needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _psycopg_url(database_url: str) -> sqlalchemy.URL:
    return sqlalchemy.make_url(database_url).set(drivername="postgresql+psycopg")
