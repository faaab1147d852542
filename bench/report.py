"""`make report`: writes docs/report, the tables and plots (SVG) of the last results of each step.

A plot is left out if its step has no results.
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

from bench.bench import BOARD_SIZES, DATASET_SIZES
from bench.record import RESULTS

FOLDER = Path(__file__).parents[1] / "docs" / "report"
OURS, THEIRS, NEUTRAL = "#2a6f4e", "#b4532a", "#8a8f98"
WIDTH_INCHES, HEIGHT_INCHES = 7.2, 3.4


@dataclass(frozen=True)
class Results:
    """The results file of one step."""

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
        """The command that repeats the measurement."""
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
        board_sizes = self.settings.get("board_sizes", list(BOARD_SIZES))
        if self.step == "ranks" and board_sizes != list(BOARD_SIZES):
            more += f" --board-sizes {' '.join(map(str, board_sizes))}"
        contestants = self.settings.get("contestants", [])
        if self.step in ("boards", "ranks") and contestants:
            more += f" --contestants {' '.join(contestants)}"
        if self.settings.get("warm_up_seconds", 2) != 2:
            more += f" --warm-up-seconds {self.settings['warm_up_seconds']:g}"
        more += " --growing-board" if self.settings.get("growing_board") else ""
        if self.step == "soak" and self.settings.get("soak_minutes", 30) != 30:
            more += f" --soak-minutes {self.settings['soak_minutes']:g}"
        more += " --plain-tables" if self.settings.get("plain_tables") else ""
        return f'make bench BENCH="--only {self.step} --rounds {self.settings["rounds"]}{more}"'


def read() -> dict[str, Results]:
    """The results by file name: the name of the step, or a longer name for a variant of the step."""
    results = {}
    for file in sorted(RESULTS.glob("*.json")):
        document = json.loads(file.read_text())
        machine = document.pop("machine")
        results[file.stem] = Results(cores=machine["cores"], **document)
    return results


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
    _bars(axes, values, lambda name: OURS if "Laurels" in name else THEIRS, "awards per second")


def ranks(results: Results, axes: Axes) -> None:
    lines: dict[str, dict[int, float]] = {}
    for contestant, shown in (("laurels", "Laurels"), ("redis handler", "Redis with the same HTTP layer")):
        for question, style in (("rank", "rank"), ("top 10", "top 10")):
            lines[f"{shown}, {style}"] = _by_size(results, rf"(\d+) spread {question} {contestant} p50 ms")
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
    _bars(axes, values, lambda name: NEUTRAL if name.startswith("awards") else OURS, "per second, one worker")


def growth(results: Results, axes: Axes) -> None:
    writes = ("awards", "awards in batches", "awards on a board", "events", "claims")
    lines = {name: _by_size(results, rf"(\d+) {name} /s") for name in writes}
    _lines(axes, lines, "per second, one worker", {})


def reads(results: Results, axes: Axes) -> None:
    questions = ("balance", "state", "history page", "rank", "top 10")
    lines = {question: _by_size(results, rf"(\d+) {question} p50 ms") for question in questions}
    _lines(axes, lines, "p50 in ms", {})


def topologies(results: Results, axes: Axes) -> None:
    values = {
        re.sub("topology, | /s", "", name): results.median(name) for name in results.samples if name.endswith(" /s")
    }
    _bars(axes, values, lambda _: OURS, "awards per second")


def overload(results: Results, axes: Axes) -> None:
    values = {}
    for crowd in ("awards", "batches"):
        values[f"{crowd}: peak"] = results.median(f"overload, {crowd}: peak /s")
        values[f"{crowd}: ten times the connections"] = results.median(f"overload, {crowd}: crowd /s")
    _bars(axes, values, lambda name: NEUTRAL if "peak" in name else OURS, "awards per second")


def rates(results: Results, axes: Axes) -> None:
    """All measured rates."""
    values = {name.removesuffix(" /s"): results.median(name) for name in results.samples if name.endswith(" /s")}
    others = {"pgbench": THEIRS, "Redis": THEIRS, "Nakama": THEIRS, "awards beside": NEUTRAL}
    _bars(axes, values, lambda name: next((others[other] for other in others if other in name), OURS), "per second")


def waits(results: Results, axes: Axes) -> None:
    values = {name.removesuffix(" ms"): results.median(name) for name in results.samples if name.endswith(" ms")}
    _bars(axes, values, lambda name: NEUTRAL if "alone" in name else OURS, "ms")


def costs(results: Results, axes: Axes) -> None:
    """The CPU time per award with an empty and with a grown journal."""
    values = {
        f"{process}, {journal} journal": results.median(f"journal {journal} {process} CPU us")
        for process in ("server", "PostgreSQL")
        for journal in ("empty", "grown")
    }
    _bars(axes, values, lambda name: NEUTRAL if "empty" in name else OURS, "CPU µs per award")


def bloat(results: Results, axes: Axes) -> None:
    values = {
        name.removesuffix(": size ÷ packed"): results.median(name)
        for name in results.samples
        if "size ÷ packed" in name
    }
    _bars(axes, values, lambda _: OURS, "size ÷ size after VACUUM FULL", "{:.2f}")


def soak(results: Results, axes: Axes) -> None:
    minutes = results.median("soak: minutes")
    for name, colour in (("p50 ms", OURS), ("p99 ms", THEIRS)):
        values = [
            each for third in ("first", "second", "last") for each in results.samples[f"soak, {third} third: {name}"]
        ]
        axes.plot(
            [(index + 1) * minutes / len(values) for index in range(len(values))], values, label=name, color=colour
        )
    axes.set_ylim(bottom=0)
    axes.set_xlabel("minutes")
    axes.set_ylabel("ms")
    axes.legend(fontsize=8)


def _by_size(results: Results, pattern: str) -> dict[int, float]:
    matches = {name: re.fullmatch(pattern, name) for name in results.samples}
    return dict(sorted((int(match[1]), results.median(name)) for name, match in matches.items() if match))


PLOTS: dict[str, tuple[str, str, Callable[[Results, Axes], None]]] = {
    "throughput": ("throughput", "Award rates of Laurels, of pgbench and of a hand-written handler", throughput),
    "ranks": ("ranks", "Latency of ranks, by the number of participants", ranks),
    "growth": ("scale", "Writes in projects with twenty facts per participant", growth),
    "reads": ("scale", "Reads in the same projects", reads),
    "topologies": ("topologies", "Workers and nodes on one machine", topologies),
    "events": ("events", "Events with different numbers of definitions", events),
    "overload": ("overload", "Ten times the connections of the peak, and the peak", overload),
    "soak": ("soak", "Thirty minutes of mixed load", soak),
    "boards": ("boards", "Awards that feed a board with five windows", rates),
    "claims": ("claims", "Claims of rewards", rates),
    "journal": ("growth", "CPU time of an award, with 2 million facts in the journal and with none", costs),
    "journal-of-10-million": (
        "growth-10-million",
        "CPU time of an award, with 10 million facts in the journal and with none",
        costs,
    ),
    "latency": ("latency", "Latency of awards at half of their peak rate", waits),
    "simulate": ("simulate", "Awards at half of their peak rate, alone and during a simulation", waits),
    "bloat": ("upkeep", "Size of the tables after a million awards", bloat),
    "peers": ("peers", "Awards that feed a board, and ranks: Laurels, Redis and Nakama", rates),
    "cluster": ("cluster", "Awards on one PostgreSQL, and on Citus with one and two workers", rates),
}
"""The plots by file name: the step, the title and the function that draws it."""


def draw(name: str, title: str, plot: Callable[[Results, Axes], None], results: Results) -> None:
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), layout="constrained")
    axes = figure.subplots()
    plot(results, axes)
    axes.set_title(title, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    # Without a date and with fixed ids, the same results produce the same file.
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
    results = read()
    drawn: dict[str, list[str]] = {}
    for name, (step, title, plot) in PLOTS.items():
        if step in results:
            draw(name, title, plot, results[step])
            drawn.setdefault(step, []).append(name)
    versions = next(iter(results.values())).versions
    head = (
        "# Measurements\n\n`make report` generates this page from the last results of each step of the benchmarks "
        "([bench/results](../../bench/results)). [performance.md](../performance.md) explains the results, and lists "
        "the aims that are not reached.\n\n"
        f"PostgreSQL {versions['postgresql']}, Python {versions['python']}, machines of "
        f"{', '.join(sorted({str(each.cores) for each in results.values()}))} cores.\n"
    )
    sections = [_section(name, each, drawn.get(name, [])) for name, each in results.items()]
    (FOLDER / "README.md").write_text("\n".join([head, *sections]))


if __name__ == "__main__":
    main()
