"""Make a site's subscribers of one domain what a file says: email, then topics, a line each.

    OFFPRINT_TOKEN=offprint_… python3 manage_subscribers.py https://papers.example.org \
        example.org people.csv

Whoever is new is asked to confirm, other topics are changed, who is in the file no more is
unsubscribed. Safe to run twice. The token needs subscribers:read and subscribers:write.
"""

import csv
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

site, domain, path = sys.argv[1:]


def ask(method: str, address: str, body: Any = None) -> Any:
    url = address if "://" in address else f"{site}/api/v1/manage/{address}"
    headers = {"Authorization": f"Bearer {os.environ['OFFPRINT_TOKEN']}"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {url}: {json.load(error)['detail']}")


def list_known() -> Iterator[Any]:
    page = f"subscribers?{urllib.parse.urlencode({'domain': domain, 'limit': 100})}"
    while page:
        said = ask("GET", page)
        yield from said["subscribers"]
        page = said["next"]


with open(path, newline="") as file:
    wanted = {
        row[0].strip().lower(): [t.strip() for t in row[1:]] for row in csv.reader(file) if row
    }
known = {one["email"]: one for one in list_known()}
for email, topics in wanted.items():
    one = known.get(email)
    if one is None:
        print(
            "asked to confirm:",
            ask("POST", "subscribers", {"email": email, "topics": topics})["email"],
        )
    elif one["status"] == "active" and sorted(one["topics"]) != sorted(topics):
        print(
            "other topics:", ask("PATCH", f"subscribers/{one['id']}", {"topics": topics})["email"]
        )
for email, one in known.items():
    if email not in wanted and one["status"] != "unsubscribed":
        print("unsubscribed:", ask("POST", f"subscribers/{one['id']}/unsubscribe")["email"])
