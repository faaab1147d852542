"""`python -m tests.torture`: exit code 1 when a promise was broken."""

import argparse
import secrets
import signal
import sys

from tests.torture.run import torture


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, help="of an earlier run: the same wants, the same faults in the same order")
    parser.add_argument("--minutes", type=float, default=5, help="of faults, at most; 5 unless given")
    parser.add_argument("--kills", type=int, default=1_000_000, help="ends when both have been killed so often")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    print(f"seed {seed}", flush=True)
    signal.signal(signal.SIGTERM, _end)
    report = torture(seed, arguments.minutes, arguments.kills)
    print(report.text(), flush=True)
    return 1 if report.findings else 0


def _end(_number: int, _frame: object) -> None:
    raise SystemExit("ended")


if __name__ == "__main__":
    sys.exit(main())
