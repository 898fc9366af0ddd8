import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()
# A page of forty small steps must not wait 5 ms at each for a thread that counts for a preview.
sys.setswitchinterval(0.0005)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The site. Whatever a request calls its letters, it is read as UTF-8.

    A mailbox that unsubscribes may name another charset for its few ASCII signs, and a stranger may
    name one that is none, over which Django stumbles before any middleware.
    """
    kind = environ.get("CONTENT_TYPE", "")
    if "charset" in kind.lower():
        parts = [part for part in kind.split(";") if not _names_charset(part)]
        environ["CONTENT_TYPE"] = ";".join(parts)
    return _django(environ, start_response)


def _names_charset(part: str) -> bool:
    return part.strip().lower().startswith("charset")
