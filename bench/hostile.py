"""`python -m bench.hostile`: awards alone, and while others hold connections open to no good. Needs wrk."""

import argparse
import json
import resource
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from bench import load, stack
from laurels.embedded import EmbeddedPostgres
from tests.attackers import attacking

PORT = 8472
PARTICIPANTS = 10_000
SCENES = {
    "alone": None,
    "10,000 idle connections": ("idle", 10_000),
    "2,000 heads that dribble": ("heads", 2_000),
    "2,000 bodies that dribble": ("bodies", 2_000),
    "500 that take no answer": ("readers", 500),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rate", type=float, default=1_000, help="awards a second for p50 and p99")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            stack.prepare(postgres.url, PARTICIPANTS)
            with stack.laurels(postgres.url, PORT, workers=1):
                load.wrk(PORT, arguments.seconds / 2, PARTICIPANTS)
                for number in range(arguments.rounds):
                    for scene in SCENES:
                        print(
                            json.dumps({"round": number + 1, "scene": scene, **_measured(scene, arguments)}), flush=True
                        )
        finally:
            postgres.stop()


def _measured(scene: str, arguments: argparse.Namespace) -> dict[str, Any]:
    attack = SCENES[scene]
    around: AbstractContextManager[float] = nullcontext(0.0)
    if attack is not None:
        around = attacking(attack[0], attack[1], PORT, stack.KEY)
    with around as opened_in:
        closed = load.wrk(PORT, arguments.seconds, PARTICIPANTS)
        p50, p99 = load.open_loop(PORT, arguments.rate, arguments.seconds, PARTICIPANTS)
    return {
        "awards_a_second": round(closed.per_second),
        "p50_ms": round(p50, 1),
        "p99_ms": round(p99, 1),
        "opened_in_seconds": round(opened_in, 1),
    }


if __name__ == "__main__":
    main()
