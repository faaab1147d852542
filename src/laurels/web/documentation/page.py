"""/openapi.json and the interactive page at /docs, which loads nothing from the internet."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from laurels import __version__
from laurels.web.documentation import files
from laurels.web.documentation.files import NO_SNIFFING
from laurels.web.documentation.openapi import DocumentedEvent, document
from laurels.web.endpoint import Endpoint, Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal

# The addresses are relative, so that they work behind a proxy that puts a prefix before all paths.
_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Laurels API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/page.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
"""

# Allows the page's own files and calls to this server. No page may frame it. Swagger UI needs inline styles and icons
# from data: URLs.
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_CHECKED_EACH_TIME = ((b"cache-control", b"no-cache"), NO_SNIFFING)
_PAGE_HEADERS = (
    (b"content-security-policy", _POLICY),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    *_CHECKED_EACH_TIME,
)


_HEAD = {"openapi": "3.1.0", "info": {"title": "Laurels", "version": __version__}, "paths": {}}


def _no_file() -> Refusal:
    return Refusal(404, "There is no such file", code="file_not_found")


def _redirect_to(location: bytes) -> Reply:
    headers = ((b"location", location), *_CHECKED_EACH_TIME)
    return Reply(location, 302, content_type=b"text/plain", headers=headers, is_public=True)


def routes_for(endpoints: list[Endpoint], tags: Sequence[str] = (), events: Sequence[DocumentedEvent] = ()) -> Routes:
    """The endpoints that describe `endpoints`, themselves and `events`. `tags` come first in the document, in this
    order."""
    routes = Routes("Documentation", Access.OPEN, about="This page and the OpenAPI document. No key is needed.")
    page = files.made(_PAGE, "text/html; charset=utf-8", _PAGE_HEADERS)

    @cache
    def described() -> files.File:
        everything = [*endpoints, *routes.endpoints]
        return files.made(document(everything, tags, events), "application/json", _CHECKED_EACH_TIME)

    @routes.get("/", summary="Leads to the documentation", answers={302: str}, content_type="text/plain")
    async def root(_request: Request[None, None]) -> Reply:
        """Redirects to `docs`. The redirect is relative, so it works behind a proxy that puts a prefix before all
        paths, if the prefix ends in `/`."""
        return _redirect_to(b"docs")

    @routes.get("/openapi.json", summary="The OpenAPI document", answers={200: dict[str, Any]}, answer_example=_HEAD)
    async def openapi(request: Request[None, None]) -> Reply:
        """The API as an OpenAPI 3.1 document, with examples. Compressed if the caller takes gzip; with an `ETag`."""
        file = await request.services.checking.run(described)
        return file.reply(request.headers)

    @routes.get("/docs", summary="Interactive documentation", answers={200: str}, content_type="text/html")
    async def docs(request: Request[None, None]) -> Reply:
        """Try every endpoint in the browser."""
        return page.reply(request.headers)

    @routes.get("/docs/", summary="Leads to the documentation", answers={302: str}, content_type="text/plain")
    async def docs_folder(_request: Request[None, None]) -> Reply:
        """Redirects to `docs` without the slash, to which the addresses in the page are relative."""
        return _redirect_to(b"../docs")

    @routes.get(
        "/docs/{file}",
        summary="A file of the page",
        answers={200: str},
        refuses=(404,),
        refusals={404: _no_file()},
        content_type="text/javascript, text/css, image/png, text/plain",
    )
    async def asset(request: Request[None, None]) -> Reply:
        """Scripts and styles of the interactive documentation, and the guides as Markdown. Compressed if the caller
        takes gzip; with an `ETag`."""
        file = await request.services.checking.run(files.asset, request.path[0])
        if file is None:
            raise _no_file()
        return file.reply(request.headers)

    return routes
