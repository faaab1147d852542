"""docs/settings.md is what the code says, and each of its variables works."""

from pathlib import Path
from typing import Any

import pytest
import typer

from laurels.cli import main as cli
from laurels.cli import settings_reference
from laurels.settings import Settings, SettingsError

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == settings_reference.render(), "make settings writes it anew"


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "variable |" not in line]
    return [[cell.strip() for cell in line.strip("|").replace("\\|", "/").split("|")] for line in lines]


def test_every_setting_says_what_it_is_for() -> None:
    assert len(rows()) > 50
    assert [row for row in rows() if not row[-1]] == []


def options(command: Any, context: Any) -> list[tuple[Any, Any]]:
    """All options of all commands, each with the context that its command runs in."""
    if hasattr(command, "commands"):
        return [
            found
            for name, inner in command.commands.items()
            for found in options(inner, inner.context_class(inner, parent=context, info_name=name))
        ]
    return [(parameter, context) for parameter in command.params if parameter.param_type_name == "option"]


def test_every_option_reads_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    root = typer.main.get_command(cli.application)
    context = root.context_class(root, info_name="laurels", **root.context_settings)
    documented = {cell.strip("`") for row in rows() for cell in row if cell.startswith("`LAURELS_")}
    found = options(root, context)
    assert len(found) > 50
    for number, (option, its_context) in enumerate(found):
        if option.name == "help":
            continue
        own = option.envvar or f"{its_context.auto_envvar_prefix}_{option.name.upper()}"
        assert own in documented
        monkeypatch.setenv(own, f"value-{number}")
        assert option.resolve_envvar_value(its_context) == f"value-{number}"


@pytest.mark.parametrize(("text", "allowed"), [("0", True), ("2.5", True), ("-1", False), ("601", False)])
def test_bounds_are_held(text: str, allowed: bool) -> None:
    if allowed:
        assert Settings.from_environment({"LAURELS_DRAIN_SECONDS": text}).drain_seconds == float(text)
    else:
        with pytest.raises(SettingsError, match="LAURELS_DRAIN_SECONDS"):
            Settings.from_environment({"LAURELS_DRAIN_SECONDS": text})
