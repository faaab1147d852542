"""The demo definitions, which `laurels serve --demo` adds to a new project."""

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
    """Adds the demo definitions, or `contents`, to a project without definitions. `resources` are those of all kinds,
    in the order in which definitions are created."""
    contents = contents or definitions_file.load([resource.kind for resource in resources], FILE.read_bytes())
    async with connection.transaction():
        version = await definitions.lock(connection, project_id)
        if await definitions.any_of(connection, project_id):
            return
        now = datetime.now(UTC)
        for resource in resources:
            for body in contents.get(resource.kind.section, ()):
                await resource.editor.insert(connection, project_id, body, version, now)
