"""All that a command or a server imports, for the process from which tests fork them."""

import gc

import alembic.command  # noqa: F401
import uvicorn.protocols.http.httptools_impl  # noqa: F401

from laurels import (  # noqa: F401
    app,
    checking,
    cli,
    configuration_command,
    definitions_file,
    import_command,
    server,
    simulate_command,
)
from laurels.embedded import backups  # noqa: F401

gc.freeze()
