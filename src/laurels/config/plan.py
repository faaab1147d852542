"""Definitions as code: plans the changes that files would make in a project, and applies them, all or nothing.

A section in the files holds all definitions of its kind: other definitions of the kind are deleted. Kinds without a
section stay as they are.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from laurels.config import definitions_file
from laurels.config.definitions_file import DefinitionsFile, DefinitionsFileError, Problem
from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import DefinitionBody, Kind, particulars
from laurels.kernel.definitions.counts import too_many
from laurels.kernel.definitions.references import dangling, idle
from laurels.storage import definitions, judgings
from laurels.storage.definitions import DefinitionRow, DefinitionsCache
from laurels.storage.office import projects
from laurels.storage.postgres.database import Connection
from laurels.storage.tables import AllTables
from laurels.web.definitions import Check, DefinitionResource
from laurels.web.protocol.errors import Refusal

Action = Literal["create", "restore", "change", "delete"]
Past = Literal["from-now-on", "silently", "announced"]
"""The effect of a change on participants who have already reached the tier or badge: `from-now-on` gives it to them
at their next change; `silently` and `announced` give it at once, with facts that are marked as silent
or not."""


class FieldChange(Struct, frozen=True):
    """A changed field. `path` is a path such as `criteria_config.min_points`; None means that the field is missing."""

    path: str
    before: Any
    after: Any


class Change(Struct, frozen=True, kw_only=True):
    """The change of one definition. `fields` are the changed fields; of a restored definition, the fields that differ
    from the deleted one. `holders` is the number of participants who hold something of the definition, such as a badge;
    None for kinds that participants do not hold."""

    action: Action
    kind: str
    section: str
    code: str
    definition_id: str
    fields: list[FieldChange]
    holders: int | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """The changes that files would make.

    `drift` names the changed definitions that were edited by other means since the last apply; the files would
    overwrite these edits. `warnings` are sentences about actions on definitions that would not be active. `draft` are
    the definitions after the changes, `base_version` is the version before them. `judged_anew` are the changes that
    could apply to the past: automatic tiers and badges with criteria that are new or different.
    """

    changes: list[Change]
    drift: list[str]
    warnings: list[str]
    draft: Definitions
    base_version: int
    judged_anew: list[Change]


class Files:
    """Several definitions files, read as one. A section may be in several files, a definition only in one."""

    def __init__(self, kinds: Sequence[Kind], texts: Mapping[str, bytes]) -> None:
        """`kinds` are all kinds of definitions, `texts` the contents by file name. Raises DefinitionsFileError with the
        problems of all files."""
        self._kinds = kinds
        self._files: dict[str, DefinitionsFile] = {}
        problems = []
        for name, text in texts.items():
            try:
                self._files[name] = definitions_file.read(kinds, text)
            except DefinitionsFileError as error:
                problems += [self._with_file_name(name, problem, len(texts)) for problem in error.problems]
        problems += self._repeated()
        if problems:
            raise DefinitionsFileError(problems)

    @property
    def sections(self) -> set[str]:
        return {section for file in self._files.values() for section in file.sections}

    def bodies(self, section: str) -> Iterator[DefinitionBody]:
        for file in self._files.values():
            yield from file.contents[section]

    def refuse(self, dangling: Sequence[Any]) -> None:
        """Raises DefinitionsFileError for broken references, including those in definitions that are in no file."""
        problems = []
        for name, file in self._files.items():
            try:
                file.refuse(list(dangling))
            except DefinitionsFileError as error:
                problems += [self._with_file_name(name, problem, len(self._files)) for problem in error.problems]
        sections = {kind.name: kind.section for kind in self._kinds}
        for each in dangling:
            if sections[each.kind] not in self.sections:
                place = f"{sections[each.kind]} {each.code}"
                problems.append(Problem(place, f"{place}, which is in no file: {each.field} {each.message}.", None))
        if problems:
            raise DefinitionsFileError(problems)

    def refusal(self, section: str, code: str, refusal: Refusal) -> DefinitionsFileError:
        """The error for an API refusal of a definition, with the place in the files."""
        field = refusal.errors[0].field if refusal.errors else ""
        message = refusal.errors[0].message if refusal.errors else refusal.detail
        for name, file in self._files.items():
            if any(body.code == code for body in file.contents[section]):
                problem = file.problem(section, code, field, message)
                return DefinitionsFileError([self._with_file_name(name, problem, len(self._files))])
        return DefinitionsFileError([Problem(f"{section} {code}", f"{section} {code}: {refusal.detail}.", None)])

    def _repeated(self) -> Iterator[Problem]:
        first: dict[tuple[str, str], str] = {}
        for name, file in self._files.items():
            for section, bodies in file.contents.items():
                for body in bodies:
                    other = first.setdefault((section, body.code), name)
                    if other != name:
                        yield Problem("", f"{name}: {section} {body.code} is also in {other}.", None)

    @staticmethod
    def _with_file_name(name: str, problem: Problem, files: int) -> Problem:
        return problem if files == 1 else Problem(problem.place, f"{name}: {problem}", None)


class ConfigurationChangedError(Exception):
    """The definitions have changed since the plan was made."""


async def plan(
    connection: Connection, tables: AllTables, project_id: int, files: Files, resources: Sequence[DefinitionResource]
) -> Plan:
    """The plan, made by applying the files and rolling back, so that an apply meets no problem that the plan does not
    show. `resources` are those of all kinds, in the order in which definitions are created. Raises
    DefinitionsFileError."""
    now = datetime.now(UTC)
    transaction = connection.transaction()
    await transaction.start()
    try:
        idle_before = idle(await DefinitionsCache(tables).newest(connection, project_id), now)
        version, changes = await _apply_changes(connection, tables, project_id, files, resources)
        draft = await DefinitionsCache(tables).newest(connection, project_id)
        edited = await definitions.changed_since_apply(connection, project_id, version)
    finally:
        await transaction.rollback()
    # Outside the transaction, as checks may wait for other machines.
    await _check_bodies(files, resources, changes)
    counted = [
        msgspec.structs.replace(
            change, holders=await judgings.holders(connection, tables, change.kind, change.definition_id)
        )
        if change.action != "create"
        else change
        for change in changes
    ]
    changed = {(change.kind, change.code) for change in changes}
    drift = [f"{kind}s.{code}" for kind, code in edited if (kind, code) in changed]
    warnings = [sentence for sentence in idle(draft, now) if sentence not in idle_before]
    kinds = {kind.name: kind for kind in tables.kinds}
    return Plan(
        changes=counted,
        drift=drift,
        warnings=warnings,
        draft=draft,
        base_version=version - 1,
        judged_anew=[change for change in counted if _may_apply_to_past(kinds[change.kind], change, draft)],
    )


async def _check_bodies(files: Files, resources: Sequence[DefinitionResource], changes: Sequence[Change]) -> None:
    """Examines all bodies that change, side by side. Raises DefinitionsFileError."""
    changed = {(change.section, change.code) for change in changes}

    async def examine(check: Check, section: str, body: DefinitionBody) -> None:
        try:
            await check(body)
        except Refusal as refusal:
            raise files.refusal(section, body.code, refusal) from None

    checks = [
        examine(resource.check, resource.kind.section, body)
        for resource in resources
        if resource.check
        for body in files.bodies(resource.kind.section)
        if (resource.kind.section, body.code) in changed
    ]
    await asyncio.gather(*checks)


async def apply(
    connection: Connection,
    tables: AllTables,
    project_id: int,
    files: Files,
    resources: Sequence[DefinitionResource],
    planned: Plan,
    past: Mapping[str, Past],
) -> list[str]:
    """Applies the plan in one transaction. `past` has the choice for each change, by its `place`. Returns the ids of
    the judgings that begin. Raises ConfigurationChangedError and DefinitionsFileError."""
    async with connection.transaction():
        version, changes = await _apply_changes(connection, tables, project_id, files, resources)
        if version != planned.base_version + 1:
            raise ConfigurationChangedError
        await projects.set_applied(connection, project_id, version)
        judging_ids = []
        for silent, choice in ((True, "silently"), (False, "announced")):
            ids = [change.definition_id for change in changes if past.get(place(change)) == choice]
            if ids:
                judging_id = await judgings.begin(connection, project_id, ids, silent=silent, now=datetime.now(UTC))
                judging_ids.append(judging_id)
        return judging_ids


def place(change: Change) -> str:
    """The place of the definition, such as `tiers.gold`."""
    return f"{change.section}.{change.code}"


async def _apply_changes(
    connection: Connection, tables: AllTables, project_id: int, files: Files, resources: Sequence[DefinitionResource]
) -> tuple[int, list[Change]]:
    """Makes all changes in the open transaction. Returns the new version and the changes. Raises
    DefinitionsFileError."""
    version = await definitions.lock(connection, project_id)
    rows = {(row.kind, row.code): row for row in await definitions.present(connection, project_id)}
    deleted = await definitions.deleted(connection, project_id)
    live = await DefinitionsCache(tables).newest(connection, project_id)
    before = dangling(live)
    planned = [resource for resource in resources if resource.kind.section in files.sections]
    changes: list[Change] = []
    now = datetime.now(UTC)
    for resource in planned:
        for body in files.bodies(resource.kind.section):
            name = (resource.kind.name, body.code)
            row = rows.pop(name, None) or deleted.get(name)
            try:
                changes += await _apply_one(connection, project_id, resource, row, body, version, now)
            except Refusal as refusal:
                raise files.refusal(resource.kind.section, body.code, refusal) from None
    for resource in reversed(planned):
        for row in [row for row in rows.values() if row.kind == resource.kind.name]:
            await resource.editor.remove(connection, project_id, row, version, now)
            changes.append(_change("delete", resource.kind, row, []))
    draft = await DefinitionsCache(tables).newest(connection, project_id)
    _refuse_too_many([resource.kind for resource in planned], live, draft)
    after = dangling(draft)
    names = {resource.kind.name for resource in planned}
    files.refuse([reference for reference in after if reference not in before or reference.kind in names])
    return version, changes


def _refuse_too_many(kinds: Sequence[Kind], live: Definitions, draft: Definitions) -> None:
    """Raises DefinitionsFileError."""
    problems = [
        Problem(kind.section, f"{kind.section}: {sentence}.", None)
        for kind in kinds
        if (sentence := too_many(kind, live, draft))
    ]
    if problems:
        raise DefinitionsFileError(problems)


async def _apply_one(
    connection: Connection,
    project_id: int,
    resource: DefinitionResource,
    row: DefinitionRow | None,
    body: DefinitionBody,
    version: int,
    now: datetime,
) -> list[Change]:
    kind, editor = resource.kind, resource.editor
    after = _flat(_whole(body))
    before = _flat(_whole(kind.body_of(row))) if row is not None else {}
    paths = [*before, *(path for path in after if path not in before)]
    fields = [
        FieldChange(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
    ]
    if row is None:
        return [_change("create", kind, await editor.insert(connection, project_id, body, version, now), fields)]
    if row.deleted_at is not None:
        row = await editor.restore_with(connection, project_id, row, body, version, now)
        return [_change("restore", kind, row, fields)]
    if not fields:
        return []
    return [_change("change", kind, await editor.change(connection, project_id, row, body, version, now), fields)]


def _change(action: Action, kind: Kind, row: DefinitionRow, fields: list[FieldChange]) -> Change:
    return Change(
        action=action, kind=kind.name, section=kind.section, code=row.code, definition_id=row.id, fields=fields
    )


def _whole(body: DefinitionBody) -> dict[str, Any]:
    return {**particulars(body), "is_active": body.is_active, "display_order": body.display_order}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """The values inside `value` by their paths, without nulls and empty lists and objects."""
    by_path: dict[str, Any] = {}
    if isinstance(value, dict):
        for name, inner in value.items():
            by_path |= _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            by_path |= _flat(inner, f"{path}[{index}]")
    elif value is not None:
        by_path[path] = value
    return by_path


def _may_apply_to_past(kind: Kind, change: Change, draft: Definitions) -> bool:
    reach = kind.past_reach
    if reach is None or change.action == "delete":
        return False
    changed_fields = {field.path.split(".")[0].split("[")[0] for field in change.fields}
    if change.action == "restore":
        # Participants may have reached it while it was deleted.
        changed_fields.add("is_active")
    return bool(changed_fields & reach.fields) and reach.is_judged(draft[kind.definition].by_id[change.definition_id])
