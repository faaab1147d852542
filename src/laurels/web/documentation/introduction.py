"""The introduction of the OpenAPI document, which `/docs` shows first."""

from laurels.web.endpoint import Endpoint
from laurels.web.keys.access import Access

TEXT = """
Laurels keeps points, tiers, badges, streaks, challenges, leaderboards and rewards for your application. The calls of
your **application** come first, then **administration**: all calls below `/gamify/admin/`.

**Start here.** [Install](docs/install.md) · [Your first programme](docs/first-programme.md) ·
[Clients](docs/clients.md) for Python and TypeScript · [All endpoints](docs/endpoints.md)

**Authentication.** Send an API key in the header `X-API-Key`. A key belongs to one project and has a scope: `gamify`
for an application, `gamify:read` to read everything, `gamify:support` also to help participants, `gamify:admin` also
for definitions, `admin` also for keys, `operator` also for projects. To try calls on this page, enter a key under
*Authorize*. [Projects, keys, limits](docs/projects-and-keys.md)

**Retries.** Calls that move points, claim rewards or record events take an idempotency key: `idempotency_key` in the
body or the header `Idempotency-Key`. A repeated request with the same key returns the first response and does nothing
else. After a timeout, a 429 or a 503, send the same request with the same key again.
[Idempotency keys](docs/points.md#retries-idempotency-keys)

**Errors.** An error response has a sentence for people in `detail` and a fixed `code` for programs. A 422 lists the
problems of all fields in `errors`. [Errors](docs/errors.md)

**Rate limits.** A request above the limit of its key or project returns 429, with the seconds to wait in
`Retry-After`. The headers `X-RateLimit-*` show how many requests are possible now.
[Rate limits](docs/projects-and-keys.md#rate-limits)

**Times.** Times are written as in RFC 3339; a time without an offset is read as UTC, and responses use UTC. Days, weeks
and months begin in the participant's time zone, or else in the project's. [Time and zones](docs/time-and-zones.md)

**Pages.** Long lists take `page_size`, and `after` with the `next_cursor` of the previous page. A cursor skips and
repeats no row. [Lists and pages](docs/lists.md)

**Unknown names.** A field or parameter that looks misspelled returns 422. Others are ignored and listed in the header
`Laurels-Ignored`; projects with `strict_fields` refuse them. [Requests](docs/requests.md)
"""


def tag_groups(tags: list[str], endpoints: list[Endpoint]) -> list[dict[str, object]]:
    """The tags apart, for viewers that show groups: of applications, of administrators, and of the server itself."""
    accesses = {tag: {endpoint.access for endpoint in endpoints if endpoint.tag == tag} for tag in tags}
    groups = {
        "Application": [tag for tag in tags if Access.KEY in accesses[tag]],
        "Administration": [tag for tag in tags if accesses[tag].isdisjoint({Access.KEY, Access.OPEN})],
        "Server": [tag for tag in tags if Access.OPEN in accesses[tag]],
    }
    return [{"name": name, "tags": members} for name, members in groups.items() if members]
