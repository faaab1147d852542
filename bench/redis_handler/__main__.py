"""`python -m bench.redis_handler`: serves the handler with the HTTP protocol and the settings of `laurels serve`."""

import argparse

import uvicorn

from laurels.web.protocol.connections import UVICORN_OPTIONS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.redis_handler", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    uvicorn.run(
        "bench.redis_handler.app:app",
        port=arguments.port,
        workers=arguments.workers,
        log_level="warning",
        **UVICORN_OPTIONS,
    )


if __name__ == "__main__":
    main()
