"""Laurels with kudos: as its commands, its workers and their processes are composed."""

from laurels.app import MECHANICS, Composition
from laurels.cli import main as cli
from tests.kudos.mechanic import MECHANIC as KUDOS

COMPOSITION = Composition((*MECHANICS, KUDOS), "tests.kudos.composed:COMPOSITION")


def main() -> None:
    """The `laurels` command."""
    cli.main(COMPOSITION)
