"""Generates docs/settings.md from the code: `python -m laurels.cli.settings_reference`."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import typer
from msgspec.inspect import FloatType, IntType, StrType
from typer.core import TyperGroup

from laurels.cli import main as cli
from laurels.settings import Settings, variable

PREFIX = "LAURELS"
INTRODUCTION = """# Settings

Every setting is an environment variable. Many settings also have a flag, which takes precedence over the variable. An
empty variable counts as not set. [Operations](operations.md) explains the most important settings.
"""
HEAD = "| flag | variable | default | |\n|---|---|---|---|\n"
HEAD_WITHOUT_FLAGS = "| variable | default | |\n|---|---|---|\n"


class Setting(NamedTuple):
    """One row of a table. `flag` is empty for a setting without a flag, `variables` for a setting without a
    variable."""

    flag: str
    variables: str
    default: str
    meaning: str


def render() -> str:
    """The whole page."""
    commands = list(_commands(typer.main.get_command(cli.application), ()))
    flagged = {setting.variables for name, _, settings in commands if name == "laurels serve" for setting in settings}
    of_server = [setting for setting in _of_server() if setting.variables not in flagged]
    parts = [INTRODUCTION, "## Server settings without a flag\n", _table(of_server, with_flags=False)]
    for name, description, settings in commands:
        parts += [f"## {name}\n", f"{description}\n", *([_table(settings, with_flags=True)] if settings else [])]
    return "\n".join(parts)


def _of_server() -> Iterator[Setting]:
    for field in msgspec.inspect.type_info(Settings).fields:  # type: ignore[attr-defined]
        inner = field.type
        if isinstance(inner, msgspec.inspect.UnionType):
            inner = next(each for each in inner.types if not isinstance(each, msgspec.inspect.NoneType))
        described = inner.extra_json_schema if isinstance(inner, msgspec.inspect.Metadata) else None
        inner = inner.type if isinstance(inner, msgspec.inspect.Metadata) else inner
        meaning = (described or {}).get("description", "")
        yield Setting("", variable(field.name), _shown(field.default), f"{meaning}.{_bounds(inner)}")


def _bounds(described: Any) -> str:
    match described:
        case IntType(ge=low, le=high) | FloatType(ge=low, le=high) if low is not None and high is not None:
            return f" Range: {low:,} to {high:,}."
        case StrType(min_length=int(low), max_length=int(high)):
            return f" Length: {low:,} to {high:,} characters."
    return ""


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str, list[Setting]]]:
    """The name, the description and the settings of each command."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            if not inner.hidden:
                yield from _commands(inner, (*path, name))
    else:
        settings = [_of_parameter(parameter, path) for parameter in command.params if parameter.name != "help"]
        line = command.epilog.rpartition("\n")[2].strip()
        yield f"laurels {' '.join(path)}", f"{' '.join(command.help.split())} Example: `{line}`", settings


def _of_parameter(parameter: Any, path: tuple[str, ...]) -> Setting:
    if parameter.param_type_name == "argument":
        return Setting(f"`{parameter.name.upper()}`", "", "", _sentence(parameter.help))
    own = parameter.envvar or "_".join((PREFIX, *path, parameter.name)).upper().replace("-", "_")
    flags = ", ".join(f"`{flag}`" for flag in parameter.opts if flag.startswith("--"))
    return Setting(flags, own, _shown(parameter.default), _sentence(parameter.help))


def _sentence(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _shown(default: object) -> str:
    if default is None or callable(default) or type(default).__name__ == "Sentinel":
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _table(settings: list[Setting], *, with_flags: bool) -> str:
    rows = []
    for setting in settings:
        variables = f"`{setting.variables}`" if setting.variables else ""
        cells = [variables, setting.default, setting.meaning]
        rows.append(f"| {' | '.join([setting.flag, *cells] if with_flags else cells)} |\n")
    return (HEAD if with_flags else HEAD_WITHOUT_FLAGS) + "".join(rows)


if __name__ == "__main__":
    print(render(), end="")
