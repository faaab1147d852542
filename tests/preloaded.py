"""All that a command or a server imports, for the process from which tests fork them."""

import gc

import alembic.command  # noqa: F401
import uvicorn.protocols.http.httptools_impl  # noqa: F401

from laurels.embedded import backups  # noqa: F401

gc.freeze()
