"""The files of the page /docs, ready to send: compressed once, with a tag by which browsers keep them."""

import gzip
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from laurels.web.endpoint import Reply

Headers = tuple[tuple[bytes, bytes], ...]


def _swagger_ui() -> Path:
    """The files of Swagger UI, in the package swagger-ui-py. It is not imported, as it would load Jinja."""
    package = find_spec("swagger_ui")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("The package swagger-ui-py is not installed")
    return Path(package.origin).parent / "static"


# The page's own files, those of Swagger UI, and the guides.
_HERE = files("laurels.web.documentation")
_FOLDERS = (_HERE / "static", _swagger_ui(), _HERE / "guides")
_CONTENT_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".png": "image/png",
    ".md": "text/plain; charset=utf-8",
}
_COMPRESSIBLE = ("text/", "application/json")
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_FOR_AN_HOUR = ((b"cache-control", b"public, max-age=3600"), NO_SNIFFING)


class File(Struct, frozen=True):
    """A response that is the same for every caller. `compressed` is its content with gzip, where that is shorter."""

    content: bytes
    content_type: bytes
    headers: Headers
    etag: bytes
    compressed: bytes | None

    def reply(self, request_headers: Mapping[bytes, bytes]) -> Reply:
        """The content in a form that the caller takes, or 304 if the caller has it."""
        headers = (*self.headers, (b"etag", self.etag), (b"vary", b"accept-encoding"))
        if self.etag in [tag.strip() for tag in request_headers.get(b"if-none-match", b"").split(b",")]:
            return Reply(b"", 304, self.content_type, headers, is_public=True)
        if self.compressed is not None and takes_gzip(request_headers.get(b"accept-encoding", b"")):
            headers = (*headers, (b"content-encoding", b"gzip"))
            return Reply(self.compressed, content_type=self.content_type, headers=headers, is_public=True)
        return Reply(self.content, content_type=self.content_type, headers=headers, is_public=True)


def made(content: bytes, content_type: str, headers: Headers) -> File:
    """The tag is a weak one, as it is that of the content with and without compression (RFC 9110, 8.8.3)."""
    compressed = gzip.compress(content, 9, mtime=0) if content_type.startswith(_COMPRESSIBLE) else content
    etag = b'W/"' + sha256(content).hexdigest()[:32].encode() + b'"'
    shorter = compressed if len(compressed) < len(content) else None
    return File(content, content_type.encode(), headers, etag, shorter)


@cache
def asset(name: str) -> File | None:
    """The file of this name, if the page has it."""
    place = _places().get(name)
    return None if place is None else made(place.read_bytes(), _CONTENT_TYPES[_suffix(name)], _FOR_AN_HOUR)


def takes_gzip(accepted: bytes) -> bool:
    """Whether an Accept-Encoding names gzip, or everything, with a weight above zero (RFC 9110, 12.5.3)."""
    weights: dict[bytes, bool] = {}
    for part in accepted.lower().split(b","):
        coding, _, weight = part.partition(b";")
        weights[coding.strip()] = weight.replace(b" ", b"").removeprefix(b"q=").strip(b"0.") != b"" or not weight
    return weights.get(b"gzip", weights.get(b"*", False))


@cache
def _places() -> dict[str, Traversable]:
    """All files, by their names. The guides are missing where a copy of the source lacks them."""
    return {
        file.name: file
        for folder in reversed(_FOLDERS)
        if folder.is_dir()
        for file in folder.iterdir()
        if _suffix(file.name) in _CONTENT_TYPES and file.is_file()
    }


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
