"""Exit 0 where the web server in this container answers: docker-compose.yml's health check."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 5


def is_up(port: int, site_url: str) -> bool:
    """Ask for /healthz by the site's own name, the only one it answers to."""
    site = urlsplit(site_url)
    headers = {"Host": site.netloc or "localhost", "X-Forwarded-Proto": site.scheme or "http"}
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_up(8000, os.environ.get("SITE_URL", "")) else 1)
