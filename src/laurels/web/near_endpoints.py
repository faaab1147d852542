"""The endpoint that a caller most likely meant by an unknown path.

A search takes at most SEGMENTS_LIMIT steps per endpoint. This bound matters because callers without a key can cause
searches.
"""

from collections.abc import Sequence

from laurels.kernel.input.names import resembled_name
from laurels.web.endpoint import API_PREFIX, Endpoint

SEGMENTS_LIMIT = 12
SEGMENT_LIMIT_CHARACTERS = 60
_PARAMETER = ""
_DISTANCE_LIMIT = 2
# Many paths have these segments, so they do not identify an endpoint.
_COMMON_SEGMENTS = ("gamify", "admin")
_PREFIX = API_PREFIX.strip("/").split("/")


class NearEndpoints:
    """All endpoints, to be searched for the nearest one."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._templates = [(endpoint, _template(endpoint.path)) for endpoint in endpoints]

    def to(self, method: str, path: str) -> Endpoint | None:
        """The endpoint nearest to a path, None if no endpoint is near. `path` is still percent-encoded. Case, `-` and
        `_`, doubled and trailing slashes, and the prefix of the API do not count. A misspelt segment counts 1; a
        missing or extra segment counts 2."""
        segments = _segments(path)
        if not 0 < len(segments) <= SEGMENTS_LIMIT or max(map(len, segments)) > SEGMENT_LIMIT_CHARACTERS:
            return None
        best, nearest = _DISTANCE_LIMIT + 1.0, None
        for endpoint, template in self._templates:
            distance = _distance(segments, template) + (0.5 if endpoint.method != method else 0)
            if distance < best:
                best, nearest = distance, endpoint
        return nearest


def _segments(path: str) -> list[str]:
    """The segments of the path, without the prefix of the API or a part of the prefix."""
    segments = [segment.lower().replace("-", "_") for segment in path.split("/") if segment]
    while segments and segments[0] in _PREFIX:
        del segments[0]
    return segments


def _template(path: str) -> list[str]:
    return [_PARAMETER if segment.startswith("{") else segment for segment in _segments(path)]


def _distance(segments: list[str], template: list[str]) -> int:
    if len(segments) == len(template):
        distance = 0
        for segment, name in zip(segments, template, strict=True):
            if name not in (_PARAMETER, segment):
                distance += 1 if resembled_name(segment, (name,)) else _DISTANCE_LIMIT + 1
                if distance > _DISTANCE_LIMIT:
                    break
        return distance
    longer, shorter = (segments, template) if len(segments) > len(template) else (template, segments)
    if len(longer) != len(shorter) + 1 or len(shorter) < 2:
        return _DISTANCE_LIMIT + 1
    # One segment too many: all segments before it and behind it must be the same, including at least one that
    # identifies the endpoint.
    extra = 0
    while extra < len(shorter) and _is_same(longer[extra], shorter[extra]):
        extra += 1
    pairs = [*zip([*longer[:extra], *longer[extra + 1 :]], shorter, strict=True)]
    is_named = any(one == other and one not in _COMMON_SEGMENTS for one, other in pairs)
    return _DISTANCE_LIMIT if is_named and all(_is_same(one, other) for one, other in pairs) else _DISTANCE_LIMIT + 1


def _is_same(one: str, other: str) -> bool:
    return _PARAMETER in (one, other) or one == other
