"""A page of the site: each endpoint of the OpenAPI document with a curl command and, where one exists, an example
response."""

import json
import re
from typing import Any

from laurels.app import COMPOSITION
from laurels.web.documentation.openapi import document

_PREFIX = "/api/v1/gamify"
_HEAD = """# Endpoints with curl

Each endpoint with a request and, where one exists, an example response. The commands use two shell variables, and one
variable for each path parameter, such as `$PARTICIPANT_ID`:

```sh
U=http://127.0.0.1:8080/api/v1/gamify
KEY=lk_live_…
```

[Endpoints](endpoints.md) has the same list as a table, by task.

"""


def render() -> str:
    openapi = json.loads(document(COMPOSITION.endpoints))
    sections: dict[str, list[str]] = {tag["name"]: [] for tag in openapi["tags"]}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            sections[operation["tags"][0]].append(_part(method.upper(), path, operation))
    return _HEAD + "\n".join(f"## {tag}\n\n{''.join(parts)}" for tag, parts in sections.items())


def _part(method: str, path: str, operation: dict[str, Any]) -> str:
    lines = [f"### {operation['summary']}", "", f"`{method} {path.removeprefix('/api/v1')}`", ""]
    if description := operation.get("description"):
        lines += [description, ""]
    lines += ["```sh", _curl(method, path, operation), "```", ""]
    example = _example(operation["responses"].get("200", operation["responses"].get("201", {})))
    if example is not None:
        lines += ["```json", json.dumps(example, indent=2, ensure_ascii=False), "```", ""]
    return "\n".join([*lines, ""])


def _curl(method: str, path: str, operation: dict[str, Any]) -> str:
    """The curl command, with a shell variable for each path parameter, such as $PARTICIPANT_ID."""
    base = "$U" if path.startswith(_PREFIX) else "http://127.0.0.1:8080"
    filled = re.sub(r"{(\w+)}", lambda parameter: f"${parameter[1].upper()}", path.removeprefix(_PREFIX))
    words = ["curl -s", *([f"-X {method}"] if method not in {"GET", "POST"} else []), f'"{base}{filled}"']
    body = _example(operation.get("requestBody", {}))
    if operation.get("security"):
        words.append('-H "X-API-Key: $KEY"')
    if body is not None:
        text = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
        words.append(f"\\\n  -d '{text}'")
    elif method == "POST":
        words.insert(1, "-X POST")
    return " ".join(words)


def _example(content: dict[str, Any]) -> Any:
    return content.get("content", {}).get("application/json", {}).get("example")
