"""`python -m bench.redis_handler`: serves the handler with the HTTP protocol and the settings of `laurels serve`."""

import argparse

import uvicorn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.redis_handler", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    uvicorn.run(
        "bench.redis_handler.app:app",
        port=arguments.port,
        workers=arguments.workers,
        http="laurels.web.protocol.connections:Connection",
        ws="none",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
