"""What a run counts and finds."""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field

SHOWN_FINDINGS = 40
RETURN_LIMIT_SECONDS = 5.0


@dataclass
class Report:
    """`findings` are broken promises: a run without any has passed."""

    seed: int
    findings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    return_seconds: list[float] = field(default_factory=list)
    outage_seconds: list[float] = field(default_factory=list)
    start_seconds: list[float] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)
    disk: str = ""
    check: str = ""
    began: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """For who watches."""
        print(f"{time.monotonic() - self.began:7.1f} s  {what}", file=sys.stderr, flush=True)

    def find(self, what: str, example: object = "") -> None:
        """`what` names the promise and gathers its breaches; the first example of each is kept."""
        if not self.findings[what]:
            self.say(f"FOUND {what}: {str(example)[:2000]}")
        self.findings[what] += 1
        self.examples.setdefault(what, f"after {time.monotonic() - self.began:.1f} s: {example}")

    def text(self) -> str:
        lines = [
            f"seed {self.seed}, {time.monotonic() - self.began:.0f} s in all",
            f"disk: {self.disk}",
            f"faults: {_counted(self.steps)}",
            *(f"{name}: {number}" for name, number in sorted(self.counts.items())),
            f"acknowledged: {_counted(self.acknowledged)}",
            f"refused: {_counted(self.refused)}",
            f"database away, s: {_spread(self.outage_seconds)}",
            f"service back after the database, s: {_spread(self.return_seconds)}",
            f"a killed server ready again, s: {_spread(self.start_seconds)}",
            f"compared: {_counted(self.compared)}",
            f"laurels check --rebuild: {self.check}",
            "findings: none" if not self.findings else f"findings: {sum(self.findings.values())}",
        ]
        for what, times in self.findings.most_common(SHOWN_FINDINGS):
            lines.append(f"  {times} x {what}, first {self.examples[what]}")
        return "\n".join(lines)


def _counted(counter: Counter[str]) -> str:
    parts = (f"{name} {number:,}" for name, number in sorted(counter.items()))
    return f"{sum(counter.values()):,} ({', '.join(parts)})" if counter else "0"


def _spread(values: list[float]) -> str:
    if not values:
        return "not measured"
    ordered = sorted(values)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"median {middle:.2f}, 99 % {late:.2f}, longest {ordered[-1]:.2f} of {len(ordered)}"
