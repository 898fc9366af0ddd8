"""Exit 0 where the server in this container answers: is_up.py [PORT [PATH]], the health check."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 5


def is_up(port: int, site_url: str, path: str = "/healthz") -> bool:
    """Ask by the site's own name, the only one it answers to."""
    site = urlsplit(site_url)
    headers = {"Host": site.netloc or "localhost", "X-Forwarded-Proto": site.scheme or "http"}
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    words = sys.argv[1:]
    port = int(words[0]) if words else 8000
    path = words[1] if len(words) > 1 else "/healthz"
    sys.exit(0 if is_up(port, os.environ.get("SITE_URL", ""), path) else 1)
