"""Secrets and people's data stay where they belong: not in logs, metrics, exports, or answers to others, also when the
server fails. Each is marked, every endpoint is driven with them in every place, and then the marks are looked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import psycopg
import pytest

from laurels.web.keys.access import Access
from tests.abuse.requests import ENDPOINTS, KEYED, plain, with_texts
from tests.checks import make_key
from tests.conftest import TEMPLATE
from tests.populated import populate
from tests.processes import laurels
from tests.support import Databases, Server

PASSWORD = "passwordmark"
MARKS = {
    "participant_id": "personmark",
    "display_name": "namemark",
    "attribute": "attributemark",
    "avatar": "avatarmark",
    "reason": "reasonmark",
    "metadata": "metadatamark",
    "property": "propertymark",
    "code": "CODEMARK",
    "anywhere": "anywheremark",
    "idempotency": "idempotencymark",
}


class Marked(NamedTuple):
    server: Server
    url: str
    log: Path
    postgres_log: Path | None
    """The embedded one's."""
    admin_key: str
    stranger_key: str

    def found(self, *texts: str) -> list[str]:
        """The marks that are in any of them, the keys included."""
        secrets = {**MARKS, "password": PASSWORD, "key": self.admin_key[8:]}
        return [name for name, mark in secrets.items() if any(mark in text for text in texts)]

    def written(self) -> list[str]:
        """The server's log and PostgreSQL's."""
        logs = [self.log, *([self.postgres_log] if self.postgres_log else [])]
        return [log.read_text(errors="replace") for log in logs]


@pytest.fixture(scope="module")
def marked(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    url = databases.create(TEMPLATE)
    with_password = url.replace("postgres@", f"postgres:{PASSWORD}@")
    assert with_password != url
    log = tmp_path_factory.mktemp("secrets") / "server.log"
    server = Server(with_password, log_requests="1")
    server.start(log=log)
    try:
        key, other = make_key(url, "operator"), make_key(url, "operator", project="strangers")
        postgres_log = databases.data_dir / "postgres.log" if databases.data_dir else None
        yield Marked(server, url, log, postgres_log, key, other)
    finally:
        server.stop()


@contextmanager
def broken(url: str, breaking: str, mending: str) -> Iterator[None]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(breaking)  # type: ignore[call-overload]
        try:
            yield
        finally:
            connection.execute(mending)  # type: ignore[call-overload]


def person(api: httpx.Client, participant: str, suffix: str = "") -> list[httpx.Response]:
    """All that is ever told of somebody."""
    return [
        api.post(
            "/participants",
            json={
                "participant_id": participant,
                "display_name": MARKS["display_name"] + suffix,
                "avatar_url": f"https://a.example/{MARKS['avatar']}",
                "attributes": {"email": MARKS["attribute"], MARKS["attribute"]: 1},
            },
        ),
        api.patch(f"/participants/{participant}", json={"display_name": MARKS["display_name"] + suffix}),
        api.post(
            "/points/award",
            json={
                "participant_id": participant,
                "amount": 50,
                "reason": MARKS["reason"] + suffix,
                "metadata": {"order": MARKS["metadata"]},
                "idempotency_key": MARKS["idempotency"] + suffix,
            },
        ),
        api.post(
            "/events",
            json={
                "participant_id": participant,
                "event_name": "seen",
                "properties": {"card": MARKS["property"] + suffix},
            },
        ),
    ]


def drive(api: httpx.Client, known: dict[str, str]) -> None:
    """Every endpoint, as described and with marks in every place."""
    for name in KEYED:
        if ENDPOINTS[name].access is Access.OPERATOR or ENDPOINTS[name].method == "DELETE":
            continue
        plain(ENDPOINTS[name], known).send(api)
        for attack in with_texts(ENDPOINTS[name], known, MARKS["anywhere"]):
            attack.send(api)


@pytest.fixture(scope="module")
def driven(marked: Marked) -> Marked:
    with marked.server.client(marked.admin_key) as api:
        known = {**populate(api), "participant_id": MARKS["participant_id"]}
        assert {reply.status_code for reply in person(api, MARKS["participant_id"])} <= {200, 201}
        reward = {"code": "coded", "name": "Coded", "type": "voucher", "points_cost": 0, "has_codes": True}
        api.post("/admin/rewards", json=reward).raise_for_status()
        api.post("/admin/rewards/coded/codes", json={"codes": [f"{MARKS['code']}-1", f"{MARKS['code']}-2"]})
        claim = api.post("/rewards/coded/claim", json={"participant_id": MARKS["participant_id"]})
        assert MARKS["code"] in claim.text
        drive(api, known)
        # Some of the attacks have changed the profile.
        person(api, MARKS["participant_id"])
    return marked


def test_the_marks_are_found_where_they_belong(driven: Marked) -> None:
    """Otherwise nothing here could fail."""
    with driven.server.client(driven.admin_key) as api:
        export = api.get(f"/admin/participants/{MARKS['participant_id']}/export")
    found = driven.found(export.text)
    assert {"participant_id", "display_name", "attribute", "avatar", "reason", "metadata", "property"} <= set(found)
    assert b'"event":"request"' in driven.log.read_bytes()


def test_not_in_the_logs(driven: Marked) -> None:
    assert driven.found(*driven.written()) == []


def test_not_in_metrics_or_other_open_answers(driven: Marked) -> None:
    for path in ("/metrics", "/healthz", "/readyz", "/openapi.json", "/docs"):
        assert driven.found(httpx.get(driven.server.base_url + path).text) == []


def test_not_in_answers_to_another_project(driven: Marked) -> None:
    with driven.server.client(driven.stranger_key) as stranger:
        known = populate(stranger)
        for name in KEYED:
            if ENDPOINTS[name].method == "GET":
                assert driven.found(plain(ENDPOINTS[name], known).send(stranger).text) == [], name


def test_not_in_what_is_exported_of_definitions_and_keys(driven: Marked) -> None:
    """Codes of rewards and people are no definitions; what an administrator named is."""
    for command in (["export"], ["keys", "list"], ["projects", "list"], ["check"]):
        url = driven.url.replace("postgres@", f"postgres:{PASSWORD}@")
        done = laurels(*command, LAURELS_DATABASE_URL=url)
        assert set(driven.found(done.stdout, done.stderr)) <= {"anywhere"}, command


def test_not_in_the_audit_log(driven: Marked) -> None:
    with driven.server.client(driven.admin_key) as api:
        log = api.get("/admin/audit-log", params={"page_size": 100}).text
    assert set(driven.found(log)) <= {"anywhere"}


FAILURES = {
    "a row that the database refuses": (
        "ALTER TABLE participant ADD CONSTRAINT sabotaged CHECK (display_name NOT LIKE '%fails') NOT VALID",
        "ALTER TABLE participant DROP CONSTRAINT sabotaged",
    ),
    "a fact that the database refuses": (
        "ALTER TABLE journal ADD CONSTRAINT sabotaged CHECK (data::text NOT LIKE '%fails%') NOT VALID",
        "ALTER TABLE journal DROP CONSTRAINT sabotaged",
    ),
    "a column that is away": (
        "ALTER TABLE participant RENAME attributes TO attributes_away",
        "ALTER TABLE participant RENAME attributes_away TO attributes",
    ),
}


@pytest.mark.parametrize(("breaking", "mending"), FAILURES.values(), ids=list(FAILURES))
def test_not_when_the_server_fails(driven: Marked, breaking: str, mending: str) -> None:
    """The log tells where, and what kind of error, and the request's id; the answer tells the id."""
    before = len(driven.log.read_text())
    participant = MARKS["participant_id"]
    with broken(driven.url, breaking, mending), driven.server.client(driven.admin_key) as api:
        replies = person(api, participant, "fails")
        failed = [reply for reply in replies if reply.status_code == 500]
        assert failed
        for reply in failed:
            assert driven.found(reply.text) == []
            assert "sabotaged" not in reply.text
    assert '"exception":[{"type":"' in driven.log.read_text()[before:]
    assert driven.found(*driven.written()) == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{PASSWORD}@127.0.0.1:1/nothing",
        f"postgresql://u:{PASSWORD}@127.0.0.1:port/nothing",
        f"postgresql://u:{PASSWORD}/{PASSWORD}@127.0.0.1/nothing",
        f"postgresql://u:{PASSWORD}@[::1/nothing",
        f"mysql://u:{PASSWORD}@127.0.0.1/nothing",
        PASSWORD,
    ],
)
@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["migrate"], ["check"]], ids=" ".join)
def test_not_in_what_is_said_of_an_address_without_database(url: str, command: list[str]) -> None:
    done = laurels(*command, LAURELS_DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
