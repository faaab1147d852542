"""The step `ranks`: the rank of one participant, the top 10 and ten neighbours, against a handler that uses Redis."""

from bench import boards, stack
from bench.bench import PORT, Bench, Ratio, Settings, Step

READS = {
    "rank": "/api/v1/gamify/leaderboards/top_scorers/rank/user_%d",
    "top 10": "/api/v1/gamify/leaderboards/top_scorers?limit=10",
    "around 10": "/api/v1/gamify/leaderboards/top_scorers?limit=10&around=user_%d",
}
SHAPES = {"spread": boards.SPREAD, "clustered": boards.CLUSTERED}


def run(bench: Bench) -> None:
    """Measures the reads by the size of the board and by the distribution of the scores."""
    for size in bench.settings.board_sizes:
        for shape_name, shape in SHAPES.items():
            name = f"{size} {shape_name}"
            url = bench.database(f"ranks_{size}_{shape_name}")
            stack.prepare(url, size, with_board=True)
            scores = boards.insert_standings(url, shape, all_windows=False)
            with boards.redis() as redis:
                boards.fill_redis(redis, scores)
                p50_ms, p99_ms = boards.bare_rank(redis, size)
                bench.findings.add(f"{name} bare ZREVRANK p50 ms", p50_ms)
                bench.findings.add(f"{name} bare ZREVRANK p99 ms", p99_ms)
                redis_url = f"redis://{redis.host}:{redis.port}"
                for contestant, served, target in (
                    ("laurels", stack.laurels, url),
                    ("redis handler", stack.redis_handler, redis_url),
                ):
                    with served(target, PORT, 1):
                        for question, path in READS.items():
                            bench.read(f"{name} {question} {contestant}", path, size)
            bench.drop(f"ranks_{size}_{shape_name}")


def _ratios(settings: Settings) -> list[Ratio]:
    ratios = []
    for size in settings.board_sizes:
        for name in (f"{size} {shape} {question}" for shape in SHAPES for question in READS):
            ours, theirs = f"{name} laurels p50 ms", f"{name} redis handler p50 ms"
            ratios.append(Ratio(f"{name}: p50 ÷ Redis handler", ours, theirs, "at most 1.5"))
    smallest, largest = settings.board_sizes[0], settings.board_sizes[-1]
    for name in (f"{shape} {question}" for shape in SHAPES for question in READS):
        one, other = (f"{size} {name} laurels p50 ms" for size in (largest, smallest))
        ratios.append(Ratio(f"{name}: p50 at {largest} ÷ at {smallest}", one, other, "at most 1.5"))
    return ratios


STEPS = {"ranks": Step(run, _ratios)}
