"""`python -m bench.hostile`: awards alone, and while hostile clients hold connections open, or fill the memory with a
valid key. Measures latencies and the peak memory of the worker. Needs wrk."""

import argparse
import json
import resource
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import httpx

from bench import load, stack
from laurels.embedded import EmbeddedPostgres
from tests.attackers import DENSE, attacking, peak_memory

PORT = 8472
PARTICIPANTS = 10_000
MEMORY = (
    "half-sent bodies",
    "dense awards",
    "long dense awards",
    "dense batches",
    "dense profiles",
    "pages not taken",
    "requests without waiting",
)
SCENES = {
    "alone": None,
    "10,000 idle connections": ("idle", 10_000),
    "2,000 slow request heads": ("heads", 2_000),
    "2,000 slow request bodies": ("bodies", 2_000),
    "500 that read no response": ("readers", 500),
    **{f"300: {kind}": (kind, 300) for kind in MEMORY},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rate", type=float, default=1_000, help="awards per second for p50 and p99")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scene", action="append", choices=SCENES, help="run only this scene")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            stack.prepare(postgres.url, PARTICIPANTS)
            with stack.laurels(postgres.url, PORT, workers=1) as process_id:
                _fill()
                load.wrk(PORT, arguments.seconds / 2, PARTICIPANTS)
                for number in range(arguments.rounds):
                    for scene in arguments.scene or SCENES:
                        measured = _measured(scene, process_id, arguments)
                        print(json.dumps({"round": number + 1, "scene": scene, **measured}), flush=True)
        finally:
            postgres.stop()


def _fill() -> None:
    """Creates the page that the attackers request."""
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}/api/v1/gamify", headers={"X-API-Key": stack.KEY}) as api:
        award = b'{"participant_id":"known","amount":1,"metadata":{"a":' + DENSE + b"}}"
        for _ in range(100):
            api.post("/points/award", content=award).raise_for_status()


def _measured(scene: str, process_id: int, arguments: argparse.Namespace) -> dict[str, Any]:
    attack = SCENES[scene]
    around: AbstractContextManager[float] = nullcontext(0.0)
    if attack is not None:
        around = attacking(attack[0], attack[1], PORT, stack.KEY)
    with peak_memory(process_id) as peak, around as opened_in:
        closed = load.wrk(PORT, arguments.seconds, PARTICIPANTS)
        responses = load.open_loop(PORT, arguments.rate, arguments.seconds, load.awards(PARTICIPANTS))
    p50, p99 = load.percentiles(responses)
    return {
        "awards_per_second": round(closed.per_second),
        "p50_ms": round(p50, 1),
        "p99_ms": round(p99, 1),
        "opened_in_seconds": round(opened_in, 1),
        "peak_memory_mb": round(peak[0] / 1024 / 1024),
    }


if __name__ == "__main__":
    main()
