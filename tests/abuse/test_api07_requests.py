"""API7:2023 Server side request forgery: the server fetches nothing, whatever address it is given."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.abuse.conftest import World
from tests.abuse.requests import ENDPOINTS, KEYED, with_texts


class Listener:
    """Counts who connects."""

    def __init__(self) -> None:
        self.visits = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                visitor, _ = self.socket.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.socket.close()


@pytest.mark.all_cases
@pytest.mark.parametrize("operation", KEYED)
def test_addresses_in_every_place(world: World, listener: Listener, operation: str) -> None:
    before = listener.visits
    for form in ("http://127.0.0.1:{}/a", "http://localhost:{}/a", "//127.0.0.1:{}/a"):
        for attack in with_texts(ENDPOINTS[operation], world.targets(operation), form.format(listener.port)):
            assert attack.send(world.api).status_code < 500, attack.place
    assert listener.visits == before


def test_the_listener_would_have_noticed(listener: Listener) -> None:
    before = listener.visits
    with socket.create_connection(("127.0.0.1", listener.port)) as visitor:
        visitor.recv(1)
    assert listener.visits == before + 1


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "http://169.254.169.254/latest/meta-data/",
        "jar:http://a!/b",
    ],
)
def test_addresses_are_only_texts(world: World, address: str) -> None:
    badge = {"code": f"b{abs(hash(address))}", "name": "Linked", "icon_url": address}
    made = world.api.post("/admin/badges", json=badge)
    if made.status_code == 201:
        assert made.json()["icon_url"] == address
        assert "root:" not in made.text


def test_proxies_headers_lead_nowhere(world: World, listener: Listener) -> None:
    before = listener.visits
    there = f"127.0.0.1:{listener.port}"
    headers = {"X-Forwarded-Host": there, "X-Forwarded-For": there, "Forwarded": f"host={there}", "Host": there}
    world.api.post("/participants", json={"participant_id": "proxied"}).raise_for_status()
    reply = world.api.get("/participants/proxied", headers={**headers, "Referer": f"http://{there}/"})
    assert reply.status_code == 200
    assert there not in reply.text + "".join(reply.headers.values())
    assert listener.visits == before


def test_a_worker_has_no_http_client() -> None:
    """It could not fetch anything."""
    listed = (
        "import sys, laurels.app; print(*(m for m in ('httpx', 'requests', 'urllib3', 'aiohttp') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
