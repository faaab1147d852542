"""Which migration a database was brought to last, and what this version of Laurels makes of it."""

from functools import cache
from pathlib import Path
from typing import Literal

MIGRATIONS = Path(__file__).parents[1] / "schema" / "migrations"
VERSIONS = MIGRATIONS / "versions"

Age = Literal["current", "newer", "older", "unknown"]


class SchemaError(Exception):
    """Why a schema cannot be migrated or worked with, in a sentence."""


@cache
def known(folder: Path = VERSIONS) -> list[str]:
    """All revisions of this version, oldest first: the beginnings of the migrations' file names."""
    return sorted(path.name[:4] for path in folder.glob("[0-9]*.py"))


def newest(folder: Path = VERSIONS) -> str:
    """The revision that this version of Laurels needs."""
    return known(folder)[-1]


def age(stored: str, folder: Path = VERSIONS) -> Age:
    """A newer schema serves this version, too, as migrations take nothing away that the version before still uses."""
    if stored == newest(folder):
        return "current"
    if stored.isdecimal() and int(stored) > int(newest(folder)):
        return "newer"
    return "older" if stored in known(folder) else "unknown"


def require(stored: str) -> None:
    """Raises SchemaError where this version cannot work with a schema of that revision."""
    match age(stored):
        case "unknown":
            raise unknown(stored)
        case "older":
            raise SchemaError(
                f"The database's schema is older than this version of Laurels (it has {stored} and needs {newest()}): "
                "nothing was changed. Run `laurels migrate` first."
            )


def unknown(stored: str) -> SchemaError:
    return SchemaError(
        f"The database's table alembic_version names the revision {stored!r}, which Laurels does not know: nothing was "
        "changed. Is it another program's database?"
    )
