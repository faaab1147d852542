"""The participants who have already reached what a plan changes, for the choice between the past and from now on."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby
from typing import Any

from laurels.engine.loading import load_state
from laurels.kernel.commands import JudgeAnew
from laurels.kernel.deciding.decide import decide
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import Kind
from laurels.storage import judgings
from laurels.storage.batches import participants_of
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import Connection
from laurels.storage.tables import AllTables

DRY_RUN_PARTICIPANTS = 200


async def count(
    connection: Connection, tables: AllTables, project_id: int, draft: Definitions, definition_ids: Sequence[str]
) -> AsyncIterator[tuple[int, Counter[str]]]:
    """Pairs of the number of participants judged so far, and the number of participants who would get each definition.
    Decides in the same way as the judging, and writes nothing."""
    cache = _DraftCache(tables, draft)
    reached: Counter[str] = Counter()
    judged, after = 0, judgings.BEFORE_ALL
    while participants := await judgings.next_participants(connection, project_id, after, DRY_RUN_PARTICIPANTS):
        # By lane, because the lanes of a batch must be on one machine.
        for _, of_lane in groupby(participants, key=lambda each: each.lane):
            commands = [
                JudgeAnew(
                    project_id=project_id,
                    participant_id=each.participant_id,
                    definition_ids=tuple(definition_ids),
                    silent=True,
                )
                for each in of_lane
            ]
            reached.update(await _dry_run(connection, tables.kinds, cache, commands))
        judged, after = judged + len(participants), participants[-1]
        yield judged, reached


async def _dry_run(
    connection: Connection, kinds: Sequence[Kind], cache: "_DraftCache", commands: Sequence[JudgeAnew]
) -> Counter[str]:
    """The number of participants who would get each definition by these commands."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        state = await load_state(connection, cache, commands, [participants_of(command) for command in commands])
    finally:
        await transaction.rollback()
    counts: Counter[str] = Counter()
    for command in commands:
        ids = iter(lambda: "", None)
        now = state.now[command.project_id]
        decision = decide(cache.draft, state.participant_of(command), command, now, ids)
        if isinstance(decision, Decision):
            counts.update(_reached(kinds, decision))
    return counts


class _DraftCache(DefinitionsCache):
    """A cache that always returns the draft."""

    def __init__(self, tables: AllTables, draft: Definitions) -> None:
        super().__init__(tables)
        self.draft = draft

    async def at(self, _connection: Any, _project_id: int, _version: int) -> Definitions:
        return self.draft


def _reached(kinds: Sequence[Kind], decision: Decision) -> Iterator[str]:
    reaches = [kind.past_reach for kind in kinds if kind.past_reach is not None]
    for entry in decision.entries:
        yield from (definition_id for reach in reaches if (definition_id := reach.given_by(entry.fact)) is not None)
