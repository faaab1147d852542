"""Definitions as code: what files would change in a project, and changing it, all or nothing.

A section that is in the files is the whole of its kind: what it lacks is deleted. Kinds without a section stay.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Literal

import msgspec
from msgspec import Struct

from laurels.config import definitions_file
from laurels.config.definitions_file import DefinitionsFileError, File, Problem
from laurels.engine.loading import load_state
from laurels.kernel.commands import JudgeAnew
from laurels.kernel.deciding.decide import decide
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import DefinitionBody, Kind, particulars
from laurels.kernel.definitions.counts import too_many
from laurels.kernel.definitions.references import dangling, idle
from laurels.storage import definitions, judgings
from laurels.storage.definitions import DefinitionRow, DefinitionsCache
from laurels.storage.office import projects
from laurels.storage.postgres.database import Connection
from laurels.storage.tables import AllTables
from laurels.web.definitions import DefinitionResource
from laurels.web.protocol.errors import Refusal

Action = Literal["create", "restore", "change", "delete"]
Past = Literal["from-now-on", "silently", "announced"]
"""What of a change holds for those who have reached it already: nothing until something of theirs changes, or the tier
or badge at once, with facts that are marked as silent or not."""

DRY_RUN_PARTICIPANTS = 200


class FieldChange(Struct, frozen=True):
    """`path` is one such as `criteria_config.min_points`; None stands for nothing there."""

    path: str
    before: Any
    after: Any


class Change(Struct, frozen=True, kw_only=True):
    """One definition that would be made, changed or deleted, or one that was deleted and comes back, with its `fields`
    that differ from then. `holders` are the participants who have something of it, None for kinds that nobody has
    anything of."""

    action: Action
    kind: str
    section: str
    code: str
    definition_id: str
    fields: list[FieldChange]
    holders: int | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """`drift` names those of the changed definitions that were changed by other means since the last apply: the files
    would overwrite that. `warnings` are sentences about actions on what would not be active. `draft` are the
    definitions as they would be; `base_version` is what they are made from. `judged_anew` are the changes that could
    hold for the past: automatic tiers, and badges with criteria, that are new or different."""

    changes: list[Change]
    drift: list[str]
    warnings: list[str]
    draft: Definitions
    base_version: int
    judged_anew: list[Change]


class Files:
    """Several files as one: each section may be in more than one of them, each definition only once."""

    def __init__(self, kinds: Sequence[Kind], texts: Mapping[str, bytes]) -> None:
        """All kinds of definitions, and the texts by the names of their files. Raises DefinitionsFileError with the
        problems of all."""
        self._kinds = kinds
        self._files: dict[str, File] = {}
        problems = []
        for name, text in texts.items():
            try:
                self._files[name] = definitions_file.read(kinds, text)
            except DefinitionsFileError as error:
                problems += [self._named(name, problem, len(texts)) for problem in error.problems]
        problems += self._taken()
        if problems:
            raise DefinitionsFileError(problems)

    @property
    def sections(self) -> set[str]:
        return {section for file in self._files.values() for section in file.sections}

    def bodies(self, section: str) -> Iterator[DefinitionBody]:
        for file in self._files.values():
            yield from file.contents[section]

    def refuse(self, found: Sequence[Any]) -> None:
        """Raises DefinitionsFileError for what definitions name and there is not, also those that are in no file."""
        problems = []
        for name, file in self._files.items():
            try:
                file.refuse(list(found))
            except DefinitionsFileError as error:
                problems += [self._named(name, problem, len(self._files)) for problem in error.problems]
        sections = {kind.name: kind.section for kind in self._kinds}
        for each in found:
            if sections[each.kind] not in self.sections:
                place = f"{sections[each.kind]} {each.code}"
                problems.append(Problem(place, f"{place}, which is in no file: {each.field} {each.message}.", None))
        if problems:
            raise DefinitionsFileError(problems)

    def refusal(self, section: str, code: str, refusal: Refusal) -> DefinitionsFileError:
        """What the API says of a definition, with its place."""
        field = refusal.errors[0].field if refusal.errors else ""
        message = refusal.errors[0].message if refusal.errors else refusal.detail
        for name, file in self._files.items():
            if any(body.code == code for body in file.contents[section]):
                problem = file.problem(section, code, field, message)
                return DefinitionsFileError([self._named(name, problem, len(self._files))])
        return DefinitionsFileError([Problem(f"{section} {code}", f"{section} {code}: {refusal.detail}.", None)])

    def _taken(self) -> Iterator[Problem]:
        first: dict[tuple[str, str], str] = {}
        for name, file in self._files.items():
            for section, bodies in file.contents.items():
                for body in bodies:
                    other = first.setdefault((section, body.code), name)
                    if other != name:
                        yield Problem("", f"{name}: {section} {body.code} is in {other} already.", None)

    @staticmethod
    def _named(name: str, problem: Problem, files: int) -> Problem:
        return problem if files == 1 else Problem(problem.place, f"{name}: {problem}", None)


class ConfigurationChangedError(Exception):
    """The definitions are no longer those that the plan was made for."""


async def plan(
    connection: Connection, tables: AllTables, project_id: int, files: Files, resources: Sequence[DefinitionResource]
) -> Plan:
    """Applies and takes it back, so that nothing is found out later. `resources`: of all kinds, in
    the order in which definitions are made. Raises DefinitionsFileError."""
    now = datetime.now(UTC)
    transaction = connection.transaction()
    await transaction.start()
    try:
        idle_before = idle(await DefinitionsCache(tables).newest(connection, project_id), now)
        version, changes = await _make(connection, tables, project_id, files, resources)
        draft = await DefinitionsCache(tables).newest(connection, project_id)
        touched = await definitions.changed_since_apply(connection, project_id, version)
    finally:
        await transaction.rollback()
    counted = [
        msgspec.structs.replace(
            change, holders=await judgings.holders(connection, tables, change.kind, change.definition_id)
        )
        if change.action != "create"
        else change
        for change in changes
    ]
    changed = {(change.kind, change.code) for change in changes}
    drift = [f"{kind}s.{code}" for kind, code in touched if (kind, code) in changed]
    warnings = [sentence for sentence in idle(draft, now) if sentence not in idle_before]
    kinds = {kind.name: kind for kind in tables.kinds}
    return Plan(
        changes=counted,
        drift=drift,
        warnings=warnings,
        draft=draft,
        base_version=version - 1,
        judged_anew=[change for change in counted if _reaches_back(kinds[change.kind], change, draft)],
    )


async def apply(
    connection: Connection,
    tables: AllTables,
    project_id: int,
    files: Files,
    resources: Sequence[DefinitionResource],
    planned: Plan,
    past: Mapping[str, Past],
) -> list[str]:
    """Makes the plan true in one transaction. `past` says by a change's `place` what holds for the past. Returns the
    ids of the judgings that this begins. Raises ConfigurationChangedError and DefinitionsFileError."""
    async with connection.transaction():
        version, changes = await _make(connection, tables, project_id, files, resources)
        if version != planned.base_version + 1:
            raise ConfigurationChangedError
        await projects.set_applied(connection, project_id, version)
        begun = []
        for silent, wish in ((True, "silently"), (False, "announced")):
            ids = [change.definition_id for change in changes if past.get(place(change)) == wish]
            if ids:
                begun.append(await judgings.begin(connection, project_id, ids, silent=silent, now=datetime.now(UTC)))
        return begun


def place(change: Change) -> str:
    """Such as `tiers.gold`."""
    return f"{change.section}.{change.code}"


async def reached_already(
    connection: Connection, tables: AllTables, project_id: int, draft: Definitions, definition_ids: Sequence[str]
) -> AsyncIterator[tuple[int, Counter[str]]]:
    """How many would be given each of the definitions if all were judged anew, with how many have been looked at so
    far. Decides as the judging will, and writes nothing."""
    cache = _Draft(tables, draft)
    found: Counter[str] = Counter()
    looked_at, after = 0, judgings.BEFORE_ALL
    while places := await judgings.next_participants(connection, project_id, after, DRY_RUN_PARTICIPANTS):
        # By lane, as batches on several machines are.
        for _, of_lane in groupby(places, key=lambda each: each.lane):
            commands = [
                JudgeAnew(
                    project_id=project_id,
                    participant_id=each.participant_id,
                    definition_ids=tuple(definition_ids),
                    silent=True,
                )
                for each in of_lane
            ]
            found.update(await _dry_run(connection, tables.kinds, cache, commands))
        looked_at, after = looked_at + len(places), places[-1]
        yield looked_at, found


async def _dry_run(
    connection: Connection, kinds: Sequence[Kind], cache: "_Draft", commands: Sequence[JudgeAnew]
) -> Counter[str]:
    """How many would be given what by these commands."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        state = await load_state(connection, cache, commands)
    finally:
        await transaction.rollback()
    given: Counter[str] = Counter()
    for command in commands:
        ids = iter(lambda: "", None)
        now = state.now[command.project_id]
        decision = decide(cache.draft, state.participant_of(command), command, now, ids)
        if isinstance(decision, Decision):
            given.update(_given(kinds, decision))
    return given


class _Draft(DefinitionsCache):
    """Knows nothing but a draft."""

    def __init__(self, tables: AllTables, draft: Definitions) -> None:
        super().__init__(tables)
        self.draft = draft

    async def at(self, _connection: Any, _project_id: int, _version: int) -> Definitions:
        return self.draft


def _given(kinds: Sequence[Kind], decision: Decision) -> Iterator[str]:
    reaches = [kind.past_reach for kind in kinds if kind.past_reach is not None]
    for entry in decision.entries:
        yield from (given for reach in reaches if (given := reach.given_by(entry.fact)) is not None)


async def _make(
    connection: Connection, tables: AllTables, project_id: int, files: Files, resources: Sequence[DefinitionResource]
) -> tuple[int, list[Change]]:
    """All changes in the open transaction, and the version that they make. Raises DefinitionsFileError."""
    version = await definitions.lock(connection, project_id)
    rows = {(row.kind, row.code): row for row in await definitions.present(connection, project_id)}
    deleted = await definitions.deleted(connection, project_id)
    live = await DefinitionsCache(tables).newest(connection, project_id)
    before = dangling(live)
    given = [resource for resource in resources if resource.kind.section in files.sections]
    changes: list[Change] = []
    now = datetime.now(UTC)
    for resource in given:
        for body in files.bodies(resource.kind.section):
            name = (resource.kind.name, body.code)
            row = rows.pop(name, None) or deleted.get(name)
            try:
                changes += await _made(connection, project_id, resource, row, body, version, now)
            except Refusal as refusal:
                raise files.refusal(resource.kind.section, body.code, refusal) from None
    for resource in reversed(given):
        for row in [row for row in rows.values() if row.kind == resource.kind.name]:
            await resource.editor.remove(connection, project_id, row, version, now)
            changes.append(_change("delete", resource.kind, row, []))
    draft = await DefinitionsCache(tables).newest(connection, project_id)
    _refuse_too_many([resource.kind for resource in given], live, draft)
    after = dangling(draft)
    names = {resource.kind.name for resource in given}
    files.refuse([found for found in after if found not in before or found.kind in names])
    return version, changes


def _refuse_too_many(given: Sequence[Kind], live: Definitions, draft: Definitions) -> None:
    """Raises DefinitionsFileError."""
    problems = [
        Problem(kind.section, f"{kind.section}: {sentence}.", None)
        for kind in given
        if (sentence := too_many(kind, live, draft))
    ]
    if problems:
        raise DefinitionsFileError(problems)


async def _made(
    connection: Connection,
    project_id: int,
    resource: DefinitionResource,
    row: DefinitionRow | None,
    body: DefinitionBody,
    version: int,
    now: datetime,
) -> list[Change]:
    kind, editor = resource.kind, resource.editor
    wanted = _flat(_whole(body))
    present = _flat(_whole(kind.body_of(row))) if row is not None else {}
    paths = [*present, *(path for path in wanted if path not in present)]
    fields = [
        FieldChange(path, present.get(path), wanted.get(path))
        for path in paths
        if present.get(path) != wanted.get(path)
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
    """What is in the value by its path; nothing for null and for what is empty."""
    found: dict[str, Any] = {}
    if isinstance(value, dict):
        for name, inner in value.items():
            found |= _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            found |= _flat(inner, f"{path}[{index}]")
    elif value is not None:
        found[path] = value
    return found


def _reaches_back(kind: Kind, change: Change, draft: Definitions) -> bool:
    reach = kind.past_reach
    if reach is None or change.action == "delete":
        return False
    touched = {field.path.split(".")[0].split("[")[0] for field in change.fields}
    if change.action == "restore":
        # Whoever reached it while it was away.
        touched.add("is_active")
    return bool(touched & reach.fields) and reach.is_judged(draft[kind.definition].by_id[change.definition_id])
