"""Demo definitions: what `laurels serve --demo` gives a new project, so that there is something to play with."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from laurels.config import definitions_file
from laurels.config.definitions_file import Contents
from laurels.storage import definitions
from laurels.storage.postgres.database import Connection
from laurels.web.definitions import DefinitionResource

FILE = Path(__file__).with_name("demo.yaml")


async def add(
    connection: Connection,
    project_id: int,
    resources: Sequence[DefinitionResource],
    contents: Contents | None = None,
) -> None:
    """Adds the demo definitions, or others, to a project that has no definitions of its own. `resources`: of all kinds,
    in the order in which they are made."""
    contents = contents or definitions_file.load([resource.kind for resource in resources], FILE.read_bytes())
    async with connection.transaction():
        version = await definitions.lock(connection, project_id)
        if await definitions.any_of(connection, project_id):
            return
        now = datetime.now(UTC)
        for resource in resources:
            for body in contents.get(resource.kind.section, ()):
                await resource.editor.insert(connection, project_id, body, version, now)
