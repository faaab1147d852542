"""Routing: a tree of path segments that finds the endpoint of a method and path. Fixed names come before parameters."""

from urllib.parse import unquote_to_bytes

from laurels.web.endpoint import Endpoint
from laurels.web.near_endpoints import NearEndpoints
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.decoding import BADLY_ENCODED


class _Node:
    __slots__ = ("by_method", "children", "parameter")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.by_method: dict[str, Endpoint] = {}


class Router:
    """Finds endpoints by method and path."""

    def __init__(self, endpoints: list[Endpoint]) -> None:
        self._root = _Node()
        self._fixed: dict[tuple[str, str], Endpoint] = {}
        self._near = NearEndpoints(endpoints)
        for endpoint in endpoints:
            self._add(endpoint)

    def _add(self, endpoint: Endpoint) -> None:
        node = self._root
        for segment in endpoint.path.split("/")[1:]:
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        if endpoint.method in node.by_method:
            raise ValueError(f"two endpoints for {endpoint.method} {endpoint.path}")
        node.by_method[endpoint.method] = endpoint
        if "{" not in endpoint.path:
            self._fixed[endpoint.method, endpoint.path] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, list[str]]:
        """The endpoint and the decoded path parameters. `path` is still percent-encoded, so that participant ids may
        contain any character. Raises Refusal 404 and 405, and 422 for invalid percent-encoding."""
        method = "GET" if method == "HEAD" else method
        if fixed := self._fixed.get((method, path)):
            return fixed, []
        node, parameters = self._root, []
        for segment in path.split("/")[1:]:
            child = node.children.get(segment)
            if child is None:
                child = node.parameter
                if child is None:
                    raise self._not_found(method, path)
                parameters.append(_decode(segment))
            node = child
        endpoint = node.by_method.get(method)
        if endpoint is None:
            if not node.by_method:
                raise self._not_found(method, path)
            allowed = ", ".join(sorted([*node.by_method, *(["HEAD"] if "GET" in node.by_method else [])]))
            detail = f"This endpoint allows only {allowed}"
            raise Refusal(405, detail, headers={"Allow": allowed}, code="method_not_allowed")
        return endpoint, parameters

    def _not_found(self, method: str, path: str) -> Refusal:
        near = self._near.to(method, path)
        hint = f"did you mean {near.method} {near.path}?" if near else "/openapi.json lists all endpoints"
        return Refusal(404, f"There is no such endpoint; {hint}", code="endpoint_not_found")


def _decode(segment: str) -> str:
    if "%" not in segment:
        return segment
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise path_not_text() from None


def path_not_text() -> Refusal:
    """The 422 for a path whose bytes are not text."""
    return invalid("path", BADLY_ENCODED)
