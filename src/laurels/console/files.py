"""The console's files in the package, as `make console` built them."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from laurels.web.documentation.files import NO_SNIFFING, File, Headers

PAGE = "index.html"
_CONTENT_TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".woff2": b"font/woff2",
}

# Only files of this server, no inline scripts or styles, and no other page may frame it.
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_HEADERS: Headers = (
    (b"content-security-policy", _POLICY),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
    NO_SNIFFING,
)
# The name of an asset changes with its content.
_ASSET_HEADERS: Headers = ((b"cache-control", b"public, max-age=31536000, immutable"), NO_SNIFFING)


@cache
def built() -> Mapping[str, File]:
    """The files by their names; none if the console was not built. Read once, and kept in memory."""
    folder = files("laurels.console") / "static"
    if not folder.is_dir() or not (folder / PAGE).is_file():
        return {}
    page = {PAGE: _read(folder / PAGE, folder, _PAGE_HEADERS)}
    assets = folder / "assets"
    return page | {
        file.name: _read(file, assets, _ASSET_HEADERS)
        for file in assets.iterdir()
        if _suffix(file.name) in _CONTENT_TYPES
    }


def _read(file: Traversable, folder: Traversable, headers: Headers) -> File:
    """The file, with the compressed form that the build has put beside it."""
    content = file.read_bytes()
    packed = folder / f"{file.name}.gz"
    return File(
        content,
        _CONTENT_TYPES[_suffix(file.name)],
        headers,
        b'W/"' + sha256(content).hexdigest()[:32].encode() + b'"',
        packed.read_bytes() if packed.is_file() else None,
    )


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
