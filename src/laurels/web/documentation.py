"""/openapi.json and the interactive page at /docs, which loads nothing from the internet."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from laurels import __version__
from laurels.web.endpoint import Endpoint, Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.openapi import document
from laurels.web.protocol.errors import Refusal

# Swagger UI's own files, as the package swagger-ui-py ships them.
_ASSETS = files("swagger_ui") / "static"
_CONTENT_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}

# The addresses are relative, so that they work behind a proxy that puts a prefix before all paths.
_SCRIPT = b"""
SwaggerUIBundle({url: "openapi.json", dom_id: "#page", deepLinking: true, persistAuthorization: true,
  validatorUrl: null, tryItOutEnabled: true});
"""

_PAGE = (
    b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Laurels API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script>"""
    + _SCRIPT
    + b"""</script>
</body>
</html>
"""
)

# Allows the page's own files, its one inline script and calls to this server. No page may frame it. Swagger UI needs
# inline styles and icons from data: URLs.
_POLICY = (
    "default-src 'none'; script-src 'self' 'sha256-"
    + b64encode(sha256(_SCRIPT).digest()).decode()
    + "'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_PAGE_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
    _NO_SNIFFING,
)


_HEAD = {"openapi": "3.1.0", "info": {"title": "Laurels", "version": __version__}, "paths": {}}


def _no_file() -> Refusal:
    return Refusal(404, "There is no such file", code="file_not_found")


def _redirect_to(location: bytes) -> Reply:
    headers = ((b"location", location), (b"cache-control", b"no-cache"), _NO_SNIFFING)
    return Reply(location, 302, content_type=b"text/plain", headers=headers, is_public=True)


def routes_for(endpoints: list[Endpoint]) -> Routes:
    """The endpoints that describe `endpoints`, and themselves."""
    routes = Routes("Documentation", Access.OPEN)

    @cache
    def rendered() -> bytes:
        return document([*endpoints, *routes.endpoints])

    @routes.get("/", summary="Redirect to the documentation", answers={302: str}, content_type="text/plain")
    async def root(_request: Request[None, None]) -> Reply:
        """Redirects to `docs`. The redirect is relative, so it works behind a proxy that puts a prefix before all
        paths, if the prefix ends in `/`."""
        return _redirect_to(b"docs")

    @routes.get("/openapi.json", summary="The OpenAPI document", answers={200: dict[str, Any]}, answer_example=_HEAD)
    async def openapi(_request: Request[None, None]) -> Reply:
        """The API as an OpenAPI 3.1 document, with examples."""
        return Reply(rendered())

    @routes.get("/docs", summary="Interactive documentation", answers={200: str}, content_type="text/html")
    async def docs(_request: Request[None, None]) -> Reply:
        """Try every endpoint in the browser."""
        return Reply(_PAGE, content_type=b"text/html; charset=utf-8", headers=_PAGE_HEADERS, is_public=True)

    @routes.get("/docs/", summary="Redirect to the documentation", answers={302: str}, content_type="text/plain")
    async def docs_folder(_request: Request[None, None]) -> Reply:
        """Redirects to `docs` without the slash, to which the addresses in the page are relative."""
        return _redirect_to(b"../docs")

    @routes.get(
        "/docs/{file}",
        summary="A file of the page",
        answers={200: str},
        refuses=(404,),
        refusals={404: _no_file()},
        content_type="text/javascript, text/css, image/png",
    )
    async def asset(request: Request[None, None]) -> Reply:
        """Scripts and styles of the interactive documentation."""
        return _asset(request.path[0])

    return routes


@cache
def _asset(name: str) -> Reply:
    assets = {file.name: file for file in _ASSETS.iterdir() if file.is_file()}
    suffix = name[name.rfind(".") :]
    if name not in assets or suffix not in _CONTENT_TYPES:
        raise _no_file()
    headers = ((b"cache-control", b"public, max-age=3600"), _NO_SNIFFING)
    return Reply(
        assets[name].read_bytes(), content_type=_CONTENT_TYPES[suffix].encode(), headers=headers, is_public=True
    )
