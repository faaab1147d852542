"""While the database is away: refusals say whether anything may have been done, and clients get over it."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from laurels.client import Laurels, ServerFailedError
from laurels.embedded import EmbeddedPostgres
from laurels.engine.batch import Outcome
from laurels.engine.errors import BusyError, OutcomeUnknownError
from laurels.kernel.commands import Command
from laurels.mechanics.points.purse.commands import AwardPoints
from laurels.storage.postgres.database import DatabaseUnavailableError
from laurels.web import outcomes
from laurels.web.protocol.errors import Refusal
from tests.checks import query
from tests.support import ADMIN_KEY, Server


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    running = EmbeddedPostgres(tmp_path, settings={"fsync": "off"})
    running.start()
    yield running
    running.stop()


def test_only_an_unknown_outcome_is_marked() -> None:
    assert outcomes.failure(OutcomeUnknownError()).headers == {"Retry-After": "1", "Outcome-Unknown": "true"}
    for error in (BusyError(), DatabaseUnavailableError()):
        assert outcomes.failure(error).headers == {"Retry-After": "1"}


class FailingEngine:
    """Ends each command of a request in its own way."""

    def __init__(self, errors: list[Exception]) -> None:
        self.errors = errors

    def submit_all(self, commands: Sequence[Command], _holder: object) -> list[asyncio.Future[Outcome]]:
        futures: list[asyncio.Future[Outcome]] = [asyncio.get_running_loop().create_future() for _ in commands]
        for future, error in zip(futures, self.errors, strict=True):
            future.set_exception(error)
        return futures


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_request_of_which_one_item_is_in_doubt_is_in_doubt(number: int) -> None:
    errors: list[Exception] = [DatabaseUnavailableError() for _ in range(3)]
    errors[number] = OutcomeUnknownError()
    commands = [AwardPoints(project_id=1, participant_id="ada", amount=1)] * 3
    request: Any = SimpleNamespace(
        services=SimpleNamespace(engine=FailingEngine(errors)),
        principal=SimpleNamespace(holder="key"),
        is_session=False,
    )
    with pytest.raises(Refusal) as refused:
        asyncio.run(outcomes.run_all(request, commands))
    assert refused.value.headers["Outcome-Unknown"] == "true"


@pytest.mark.parametrize("error", ["disk_full", "deadlock_detected"])
def test_an_edit_that_the_database_cannot_do_now_can_be_sent_again(
    api: httpx.Client, database_url: str, error: str
) -> None:
    # Of the tables that an edit writes to this one is on one machine everywhere, and may have a trigger.
    query(
        database_url,
        f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE {error}; END $$;"
        " CREATE TRIGGER fail BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    try:
        assert api.post("/admin/badges", json={"code": error, "name": "Now"}).status_code == 503
    finally:
        query(database_url, "DROP FUNCTION fail CASCADE")
    assert api.post("/admin/badges", json={"code": error, "name": "Now"}).status_code == 201


def test_an_outage(postgres: EmbeddedPostgres) -> None:
    with Server(postgres.url) as server, server.client() as api, ThreadPoolExecutor() as pool:
        assert api.post("/points/award", json={"participant_id": "ada", "amount": 5}).status_code == 200
        postgres.stop()
        edit = api.post("/admin/badges", json={"code": "away", "name": "Away"})
        read = api.get("/admin/badges")
        award = api.post("/points/award", json={"participant_id": "ada", "amount": 5})
        assert [each.status_code for each in (edit, read, award)] == [503, 503, 503]
        assert [each.headers.get("Outcome-Unknown") for each in (edit, read, award)] == [
            "true",
            None,
            None,
        ]

        with Laurels(server.base_url, ADMIN_KEY, retries=8) as laurels:
            with pytest.raises(ServerFailedError) as caught:
                laurels.create_badge("away", "Away")
            assert caught.value.is_outcome_unknown
            awarded = pool.submit(laurels.award_points, "ada", 7)
            postgres.start()
            assert awarded.result().new_balance == 12
