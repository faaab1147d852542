"""Revisions: whether this version of Laurels can work with the last migration of a database."""

from functools import cache
from pathlib import Path
from typing import Literal

MIGRATIONS = Path(__file__).parents[1] / "schema" / "migrations"
VERSIONS = MIGRATIONS / "versions"

Age = Literal["current", "newer", "older", "unknown"]


class SchemaError(Exception):
    """The reason, as a sentence, why a schema cannot be migrated or used."""


@cache
def all_revisions(folder: Path = VERSIONS) -> list[str]:
    """All revisions of this version, oldest first: the first four characters of the names of migrations. Each
    release may have a folder."""
    return sorted(path.name[:4] for path in folder.rglob("[0-9]*_*.py"))


def newest(folder: Path = VERSIONS) -> str:
    """The revision that this version of Laurels needs."""
    return all_revisions(folder)[-1]


def age(stored: str, folder: Path = VERSIONS) -> Age:
    """The age of a schema compared with this version. This version also works with a newer schema, as a migration
    removes nothing that the previous version still uses."""
    if stored == newest(folder):
        return "current"
    if stored.isdecimal() and int(stored) > int(newest(folder)):
        return "newer"
    return "older" if stored in all_revisions(folder) else "unknown"


def require(stored: str) -> None:
    """Raises SchemaError if this version cannot work with a schema of this revision."""
    match age(stored):
        case "unknown":
            raise unknown(stored)
        case "older":
            raise SchemaError(
                f"The database's schema is older than this version of Laurels ({stored}, and {newest()} is required). "
                "Nothing was changed. Run `laurels migrate` first."
            )


def unknown(stored: str) -> SchemaError:
    return SchemaError(
        f"The database's table alembic_version names the unknown revision {stored!r}. Nothing was changed. Does the "
        "database belong to another program?"
    )
