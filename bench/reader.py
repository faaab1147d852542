"""A reader of the feed: a separate process, which reads every new event, a page at a time."""

import json
import sys
import urllib.request

from bench.stack import KEY


def main(url: str) -> None:
    cursor = "latest"
    while True:
        page = f"{url}/feed?limit=1000&wait_seconds=20&after={cursor}"
        request = urllib.request.Request(page, headers={"X-API-Key": KEY})
        with urllib.request.urlopen(request, timeout=40) as response:
            cursor = json.load(response)["cursor"]


if __name__ == "__main__":
    main(sys.argv[1])
