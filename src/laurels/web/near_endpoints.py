"""The endpoint that a caller most likely meant by a path that leads nowhere.

A search takes at most as many steps as there are endpoints times SEGMENTS_LIMIT: anybody can ask, without a key.
"""

from collections.abc import Sequence

from laurels.kernel.input.names import meant
from laurels.web.endpoint import API_PREFIX, Endpoint

SEGMENTS_LIMIT = 12
SEGMENT_LIMIT_CHARACTERS = 60
_PARAMETER = ""
_FURTHEST = 2
# These say nothing of what is meant.
_EVERYWHERE = ("gamify", "admin")
_PREFIX = API_PREFIX.strip("/").split("/")


class NearEndpoints:
    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._known = [(endpoint, _template(endpoint.path)) for endpoint in endpoints]

    def to(self, method: str, path: str) -> Endpoint | None:
        """None if no endpoint is near. `path` is as sent. Case, `-` and `_`, doubled and trailing slashes, and the
        prefix of the API do not count; a misspelt segment counts 1, one that is missing or too much counts 2."""
        segments = _segments(path)
        if not 0 < len(segments) <= SEGMENTS_LIMIT or max(map(len, segments)) > SEGMENT_LIMIT_CHARACTERS:
            return None
        best, nearest = _FURTHEST + 1.0, None
        for endpoint, template in self._known:
            distance = _distance(segments, template) + (0.5 if endpoint.method != method else 0)
            if distance < best:
                best, nearest = distance, endpoint
        return nearest


def _segments(path: str) -> list[str]:
    """The names in the path, without the prefix of the API, or a part of it."""
    found = [segment.lower().replace("-", "_") for segment in path.split("/") if segment]
    while found and found[0] in _PREFIX:
        del found[0]
    return found


def _template(path: str) -> list[str]:
    return [_PARAMETER if segment.startswith("{") else segment for segment in _segments(path)]


def _distance(given: list[str], template: list[str]) -> int:
    if len(given) == len(template):
        distance = 0
        for segment, name in zip(given, template, strict=True):
            if name not in (_PARAMETER, segment):
                distance += 1 if meant(segment, (name,)) else _FURTHEST + 1
                if distance > _FURTHEST:
                    break
        return distance
    longer, shorter = (given, template) if len(given) > len(template) else (template, given)
    if len(longer) != len(shorter) + 1 or len(shorter) < 2:
        return _FURTHEST + 1
    # All before one place is the same, and all behind it, among it a name that says what is meant.
    place = 0
    while place < len(shorter) and _is_same(longer[place], shorter[place]):
        place += 1
    pairs = [*zip([*longer[:place], *longer[place + 1 :]], shorter, strict=True)]
    is_named = any(one == other and one not in _EVERYWHERE for one, other in pairs)
    return _FURTHEST if is_named and all(_is_same(one, other) for one, other in pairs) else _FURTHEST + 1


def _is_same(one: str, other: str) -> bool:
    return _PARAMETER in (one, other) or one == other
