"""/console: one page and its assets. The console takes everything else from the API."""

from laurels.console.files import PAGE, built
from laurels.web.documentation.files import NO_SNIFFING
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal

routes = Routes(
    "Console",
    Access.OPEN,
    about="The console for people who do not write calls. No key is needed to load it. Guide: "
    "[The console](docs/console.md).",
)


def _not_built() -> Refusal:
    return Refusal(404, "This server has no console: it was not built; run `make console`", code="console_not_built")


def _no_file() -> Refusal:
    return Refusal(404, "There is no such file", code="file_not_found")


@routes.get("/console", summary="Leads to the console", answers={302: str}, content_type="text/plain")
async def console(_request: Request[None, None]) -> Reply:
    """Redirects to `console/`. The redirect is relative, so it works behind a proxy that puts a prefix before all
    paths."""
    headers = ((b"location", b"console/"), (b"cache-control", b"no-cache"), NO_SNIFFING)
    return Reply(b"console/", 302, content_type=b"text/plain", headers=headers, is_public=True)


@routes.get(
    "/console/",
    summary="The console",
    answers={200: str},
    refuses=(404,),
    refusals={404: _not_built()},
    content_type="text/html",
)
async def console_page(request: Request[None, None]) -> Reply:
    """The page in which people use the API without writing calls. It loads nothing from the internet."""
    page = built().get(PAGE)
    if page is None:
        raise _not_built()
    return page.reply(request.headers)


@routes.get(
    "/console/assets/{file}",
    summary="A file of the console",
    answers={200: str},
    refuses=(404,),
    refusals={404: _no_file()},
    content_type="text/javascript, text/css, image/svg+xml",
)
async def console_asset(request: Request[None, None]) -> Reply:
    """Scripts and styles of the console. The name of a file changes with its content."""
    name = request.path[0]
    asset = built().get(name)
    if asset is None or name == PAGE:
        raise _no_file()
    return asset.reply(request.headers)
