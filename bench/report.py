"""`make report`: docs/report/, tables and plots (SVG) of what every step measured last.

A plot whose step has not been run, or not in full, is left out.
"""

import json
import re
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.bench import DATASET_SIZES
from bench.record import RESULTS

FOLDER = Path(__file__).parents[1] / "docs" / "report"
OURS, THEIRS, NEUTRAL = "#2a6f4e", "#b4532a", "#8a8f98"
WIDTH_INCHES, HEIGHT_INCHES = 7.2, 3.4


@dataclass(frozen=True)
class Results:
    """One step's file."""

    step: str
    date: str
    cores: int
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    ratios: Mapping[str, Mapping[str, Any]]
    samples: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.samples[name])

    @property
    def command(self) -> str:
        """What makes it again."""
        if self.step in ("peers", "cluster"):
            rounds, seconds = self.settings["rounds"], self.settings["seconds"]
            return f"python -m bench.{self.step} --rounds {rounds} --seconds {seconds:g}"
        rows = self.settings["journal_rows"]
        more = f" --journal-rows {rows}" if self.step == "growth" and rows != 2_000_000 else ""
        if self.step == "upkeep" and self.settings["participants"] != 100_000:
            more += f" --participants {self.settings['participants']}"
            more += f" --upkeep-commands {self.settings['upkeep_commands']}"
        more += f" --seconds {self.settings['seconds']:g}" if self.settings["seconds"] != 10 else ""
        sizes = self.settings.get("dataset_sizes", [])
        if self.step == "scale" and sizes != list(DATASET_SIZES):
            more += f" --dataset-sizes {' '.join(map(str, sizes))}"
        if self.step == "soak" and self.settings.get("soak_minutes", 30) != 30:
            more += f" --soak-minutes {self.settings['soak_minutes']:g}"
        more += " --plain-tables" if self.settings.get("plain_tables") else ""
        return f'make bench BENCH="--only {self.step} --rounds {self.settings["rounds"]}{more}"'


def read() -> dict[str, Results]:
    """By the file's name: that of the step, or more where a step was run in several ways."""
    found = {}
    for file in sorted(RESULTS.glob("*.json")):
        document = json.loads(file.read_text())
        machine = document.pop("machine")
        found[file.stem] = Results(cores=machine["cores"], **document)
    return found


def _bars(
    axes: Axes, values: Mapping[str, float], colours: Callable[[str], str], unit: str, shown: str = "{:,.0f}"
) -> None:
    names = list(values)[::-1]
    bars = axes.barh(names, [values[name] for name in names], color=[colours(name) for name in names])
    axes.bar_label(bars, fmt=shown, padding=3, fontsize=8)
    axes.set_xlabel(unit)
    axes.margins(x=0.12)


def _lines(
    axes: Axes, lines: Mapping[str, Mapping[int, float]], unit: str, styles: Mapping[str, dict[str, Any]]
) -> None:
    for name, points in lines.items():
        axes.plot(list(points), list(points.values()), marker="o", label=name, **styles.get(name, {}))
    axes.set_xscale("log")
    sizes = sorted({size for points in lines.values() for size in points})
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("participants")
    axes.set_ylabel(unit)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))


def throughput(results: Results, axes: Axes) -> None:
    names = {
        "pgbench, stored procedure": "pgbench /s",
        "Laurels, 1 worker": "laurels 1 worker /s",
        "Laurels, 2 workers": "laurels 2 workers /s",
        "FastAPI + SQLAlchemy, 1 worker": "baseline 1 worker /s",
        "FastAPI + SQLAlchemy, 2 workers": "baseline 2 workers /s",
    }
    values = {shown: results.median(name) for shown, name in names.items()}
    _bars(axes, values, lambda name: OURS if "Laurels" in name else THEIRS, "awards a second")


def ranks(results: Results, axes: Axes) -> None:
    lines: dict[str, dict[int, float]] = {}
    for who, shown in (("laurels", "Laurels"), ("redis handler", "the same HTTP layer before Redis")):
        for question, style in (("rank", "rank of one"), ("top 10", "top 10")):
            lines[f"{shown}, {style}"] = _by_size(results, rf"(\d+) spread {question} {who} p50 ms")
    styles = {
        name: {"color": OURS if "Laurels" in name else THEIRS, "linestyle": "--" if "top 10" in name else "-"}
        for name in lines
    }
    _lines(axes, lines, "p50 in ms", styles)


def events(results: Results, axes: Axes) -> None:
    values = {
        name.removesuffix(" /s"): results.median(name)
        for name in results.samples
        if name.endswith(" /s") and "facts" not in name
    }
    _bars(axes, values, lambda name: NEUTRAL if name.startswith("awards") else OURS, "a second, one worker")


def growth(results: Results, axes: Axes) -> None:
    written = ("awards", "awards in batches", "awards on a board", "events", "claims")
    lines = {what: _by_size(results, rf"(\d+) {what} /s") for what in written}
    _lines(axes, lines, "a second, one worker", {})


def reads(results: Results, axes: Axes) -> None:
    questions = ("balance", "state", "history page", "rank", "top 10")
    lines = {question: _by_size(results, rf"(\d+) {question} p50 ms") for question in questions}
    _lines(axes, lines, "p50 in ms", {})


def topologies(results: Results, axes: Axes) -> None:
    values = {
        re.sub("topology, | /s", "", name): results.median(name) for name in results.samples if name.endswith(" /s")
    }
    _bars(axes, values, lambda _: OURS, "awards a second")


def overload(results: Results, axes: Axes) -> None:
    values = {}
    for crowd in ("awards", "batches"):
        values[f"{crowd}: peak"] = results.median(f"overload, {crowd}: peak /s")
        values[f"{crowd}: ten times the connections"] = results.median(f"overload, {crowd}: crowd /s")
    _bars(axes, values, lambda name: NEUTRAL if "peak" in name else OURS, "awards a second")


def rates(results: Results, axes: Axes) -> None:
    """Of all that were measured."""
    values = {name.removesuffix(" /s"): results.median(name) for name in results.samples if name.endswith(" /s")}
    others = {"pgbench": THEIRS, "Redis": THEIRS, "Nakama": THEIRS, "awards beside": NEUTRAL}
    _bars(axes, values, lambda name: next((others[who] for who in others if who in name), OURS), "a second")


def waits(results: Results, axes: Axes) -> None:
    values = {name.removesuffix(" ms"): results.median(name) for name in results.samples if name.endswith(" ms")}
    _bars(axes, values, lambda name: NEUTRAL if "alone" in name else OURS, "ms")


def costs(results: Results, axes: Axes) -> None:
    """CPU of an award on an empty journal and on a grown one."""
    values = {
        f"{who}, {journal} journal": results.median(f"journal {journal} {who} CPU us")
        for who in ("server", "PostgreSQL")
        for journal in ("empty", "grown")
    }
    _bars(axes, values, lambda name: NEUTRAL if "empty" in name else OURS, "µs of CPU an award")


def bloat(results: Results, axes: Axes) -> None:
    values = {
        name.removesuffix(": size ÷ packed"): results.median(name)
        for name in results.samples
        if "size ÷ packed" in name
    }
    _bars(axes, values, lambda _: OURS, "size ÷ what VACUUM FULL makes of it", "{:.2f}")


def soak(results: Results, axes: Axes) -> None:
    minutes = results.median("soak: minutes")
    for what, colour in (("p50 ms", OURS), ("p99 ms", THEIRS)):
        values = [
            each for third in ("first", "second", "last") for each in results.samples[f"soak, {third} third: {what}"]
        ]
        axes.plot(
            [(place + 1) * minutes / len(values) for place in range(len(values))], values, label=what, color=colour
        )
    axes.set_ylim(bottom=0)
    axes.set_xlabel("minutes")
    axes.set_ylabel("ms")
    axes.legend(fontsize=8)


def _by_size(results: Results, pattern: str) -> dict[int, float]:
    matches = {name: re.fullmatch(pattern, name) for name in results.samples}
    return dict(sorted((int(found[1]), results.median(name)) for name, found in matches.items() if found))


PLOTS: dict[str, tuple[str, str, Callable[[Results, Axes], None]]] = {
    "throughput": ("throughput", "Awards a second, and what they are compared with", throughput),
    "ranks": ("ranks", "Ranks among ten thousand to a million", ranks),
    "growth": ("scale", "Writes in projects of twenty facts a participant", growth),
    "reads": ("scale", "Reads in the same projects", reads),
    "topologies": ("topologies", "Workers and nodes on one machine", topologies),
    "events": ("events", "Events with more and more definitions", events),
    "overload": ("overload", "A crowd, beside the peak", overload),
    "soak": ("soak", "Thirty minutes of mixed load", soak),
    "boards": ("boards", "Awards that feed a board with five windows", rates),
    "claims": ("claims", "Claims of rewards", rates),
    "journal": ("growth", "An award with 2 million facts in the journal, and with none", costs),
    "journal-of-10-million": (
        "growth-10-million",
        "An award with 10 million facts in the journal, and with none",
        costs,
    ),
    "latency": ("latency", "Awards at half of their peak", waits),
    "simulate": ("simulate", "Awards beside a simulation, at half of their peak", waits),
    "bloat": ("upkeep", "What a million awards leave in the tables", bloat),
    "peers": ("peers", "Awards that feed a board, and what others do", rates),
    "cluster": ("cluster", "Awards on one PostgreSQL, and on Citus with one and two workers", rates),
}
"""By the file's name: the step, the title and how it is drawn."""


def draw(name: str, title: str, plot: Callable[[Results, Axes], None], results: Results) -> None:
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), layout="constrained")
    axes = figure.subplots()
    plot(results, axes)
    axes.set_title(title, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    # Without a date and with fixed ids, the same results make the same file.
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})


def _section(name: str, results: Results, plots: list[str]) -> str:
    lines = [f"## {name}", "", f"`{results.command}`, {results.date[:10]}.", ""]
    for plot in plots:
        lines += [f"![{PLOTS[plot][1]}]({plot}.svg)", ""]
    if results.ratios:
        lines += ["| ratio | value | aim |", "|---|---|---|"]
        lines += [f"| {name} | {ratio['value']:.2f} | {ratio['aim']} |" for name, ratio in results.ratios.items()]
        lines.append("")
    lines += ["| measured | median | lowest | highest |", "|---|---|---|---|"]
    for name, values in results.samples.items():
        shown = (statistics.median(values), min(values), max(values))
        lines.append(f"| {name} | " + " | ".join(f"{value:,.4g}" for value in shown) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    mpl.rcParams["svg.hashsalt"] = "laurels"
    mpl.rcParams["font.size"] = 9
    FOLDER.mkdir(exist_ok=True)
    found = read()
    drawn: dict[str, list[str]] = {}
    for name, (step, title, plot) in PLOTS.items():
        if step in found:
            draw(name, title, plot, found[step])
            drawn.setdefault(step, []).append(name)
    versions = next(iter(found.values())).versions
    head = (
        "# Measurements\n\nMade by `make report` from what each step of the benchmarks found last "
        "([bench/results](../../bench/results)). What they mean, and what falls short, is in "
        "[performance.md](../performance.md).\n\n"
        f"PostgreSQL {versions['postgresql']}, Python {versions['python']}, machines of "
        f"{', '.join(sorted({str(results.cores) for results in found.values()}))} cores.\n"
    )
    sections = [_section(name, results, drawn.get(name, [])) for name, results in found.items()]
    (FOLDER / "README.md").write_text("\n".join([head, *sections]))


if __name__ == "__main__":
    main()
