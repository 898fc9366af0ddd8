"""The environment, read with care: what is wrong in it is said in a sentence with its name."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from dotenv import load_dotenv
from environs import Env, EnvError

env = Env()


def read_file(path: Path) -> None:
    """Add what a .env file says; the environment wins. ENV_FILE names another file, or none."""
    if named := os.environ.get("ENV_FILE", str(path)):
        load_dotenv(named, override=False)


def flag(name: str, default: bool) -> bool:
    """Whether the variable is true; ImproperlyConfigured names one that is neither."""
    try:
        return env.bool(name, default)
    except EnvError as error:
        raise ImproperlyConfigured(
            f"{name} is neither true nor false: write one of them."
        ) from error


def number(name: str, default: int) -> int:
    """A whole number from 0 up."""
    said = env.str(name, "") or str(default)
    if not (said.isascii() and said.isdigit()):
        raise ImproperlyConfigured(f"{name} is “{said}”, which is not a whole number from 0 up.")
    return int(said)


def rate(name: str) -> float:
    """So many a second, a fraction too; 0.0 where nothing is said."""
    said = env.str(name, "") or "0"
    try:
        found = float(said)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ImproperlyConfigured(
            f"{name} is “{said}”: write how many a second, like 14 or 0.5, or leave it out."
        )
    return found


def metrics_port(name: str) -> int:
    """The port of the metrics; 0 for none. What serves them has to be installed."""
    port = number(name, 0)
    if port > 65535:
        raise ImproperlyConfigured(f"{name} is {port}, which is no port: ports go up to 65535.")
    if port and not importlib.util.find_spec("prometheus_client"):
        raise ImproperlyConfigured(
            f"{name} is set, and the package prometheus-client is not there: install it "
            f"(pip install prometheus-client), or leave {name} out."
        )
    return port


def warm_up(name: str) -> tuple[date, int] | None:
    """The first day of a warm-up and the mails of that day: 2026-12-01:50; None for none."""
    said = env.str(name, "")
    if not said:
        return None
    day, _, mails = said.partition(":")
    try:
        found = date.fromisoformat(day), int(mails)
    except ValueError:
        found = None
    if found is None or found[1] < 1:
        raise ImproperlyConfigured(
            f"{name} is “{said}”: write the first day and how many mails each mailbox domain gets "
            "on it, like 2026-12-01:50, or leave it out."
        )
    return found


def level(name: str, default: str) -> str:
    """The log level that the variable names; ImproperlyConfigured for any other word."""
    said = (env.str(name, "") or default).upper()
    if said not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(f"{name} is “{said}”: write DEBUG, INFO, WARNING or ERROR.")
    return said


def choice(name: str, known: tuple[str, ...]) -> str:
    """One of a few words; the first of them where nothing is said."""
    said = (env.str(name, "") or known[0]).lower()
    if said not in known:
        raise ImproperlyConfigured(f"{name} is “{said}”: write {' or '.join(known)}.")
    return said


def web_address(name: str, default: str) -> str:
    """Scheme, host and port of an http(s) address, and a path where there is one; no last slash."""
    said = (env.str(name, "") or default).rstrip("/")
    try:
        parts = urlsplit(said)
        is_web = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        )
    except ValueError:
        is_web = False
    if not is_web:
        raise ImproperlyConfigured(
            f"{name} is “{said}”, which is no web address: write https://papers.example.org."
        )
    return said


def secret_web_address(name: str) -> str:
    """An http(s) address that may hold a secret, to the letter; "" where nothing is said."""
    said = env.str(name, "").strip()
    if said and not re.fullmatch(r"https?://[^\s/?#]+\S*", said):
        raise ImproperlyConfigured(
            f"{name} is no web address: write the whole of it, like https://alerts.example.org/x."
        )
    return said


def folder(name: str, default: Path) -> Path:
    """A folder that is made where it is missing, for its owner alone, and can be written to."""
    path = Path(env.str(name, "") or default)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is {path}, and that folder cannot be made ({error.strerror}): "
            "name one that you may write to."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name} is {path}, and you may not write to that folder.")
    return path


def keep_private(path: Path) -> None:
    """Let the folder be its owner's alone, and whatever this process makes from now on too.

    Where another user owns it, as a volume of a cluster may be owned, it stays as it is.
    """
    os.umask(0o077)
    if path.stat().st_uid == os.getuid() and path.stat().st_mode & 0o077:
        path.chmod(0o700)


def paragraphs(name: str) -> list[str]:
    """A text of the operator's: its paragraphs, with an empty line, or two \\n, between them."""
    said = env.str(name, "").replace("\\n", "\n")
    return [part.strip() for part in re.split(r"\n\s*\n", said) if part.strip()]


def contact_address(name: str) -> str:
    """An address as a URI, like mailto:security@example.org or https://…; "" where none is said."""
    said = env.str(name, "").strip()
    if said and "@" in said and ":" not in said:
        said = f"mailto:{said}"
    if said and not re.fullmatch(r"(mailto|https|tel):[\x21-\x7e]+", said):
        raise ImproperlyConfigured(
            f"{name} is “{said}”: write an email address, or a page like "
            "https://papers.example.org/report."
        )
    return said


def database(name: str, default: str) -> dict[str, Any]:
    """Django's settings of the database at a postgres:// or sqlite:/// address."""
    said = env.str(name, "") or default
    try:
        found = dict(dj_database_url.parse(said))
    except ValueError:  # both of its own errors are one
        found = {}
    if not found.get("ENGINE"):
        raise ImproperlyConfigured(
            f"{name} is no address of a database: write postgres://user:password@host:5432/name, "
            "or leave it out and everything is kept in one file."
        )
    return found


def mail_server(name: str) -> dict[str, Any]:
    """Django's settings of the mail server at a smtp:// or submission:// address; {} for none."""
    if not env.str(name, ""):
        return {}
    try:
        found = dict(env.dj_email_url(name))
        found["EMAIL_TIMEOUT"] = found.get("EMAIL_TIMEOUT") or 30
        is_good = found["EMAIL_TIMEOUT"] > 0 and "EMAIL_BACKEND" in found
    except (EnvError, ValueError):  # of a port or a time-out that is no number
        is_good = False
    if not is_good:
        raise ImproperlyConfigured(
            f"{name} is no address of a mail server that we know. Write "
            "submission://user:password@host for port 587, or smtp://user:password@host:465?ssl=True;"
            " &timeout=30 at its end are seconds."
        )
    return found


SHORTEST_KEY, FEWEST_SIGNS = 32, 8
MAKE_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'


def secret_key(name: str, kept: Path, *, is_local: bool) -> str:
    """The signing key; on a laptop made once and kept in a file, so that links stay valid.

    A public site refuses one that can be guessed: whoever guesses it signs links for any reader.
    """
    if key := env.str(name, ""):
        if not is_local and is_weak_key(key):
            raise ImproperlyConfigured(
                f"{name} is short, or an example, and this site is public: who guesses it can "
                f"sign links for any reader. Make one: {MAKE_KEY}. Links that were sent stay valid "
                f"where {name}_FALLBACKS names the present key (`python manage.py rotate_key`)."
            )
        return key
    if not is_local:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it to a long random text, the same on every machine: "
            "it signs the links in every mail."
        )
    if not kept.exists():
        write_secret(kept, get_random_secret_key())
    return read_secrets(kept)[0]


def secret_key_fallbacks(name: str, kept: Path) -> list[str]:
    """Earlier keys, whose links are still valid: from the environment, else from the kept file."""
    said: list[str] = env.list(name, [])
    if said:
        return [key.strip() for key in said if key.strip()]
    return read_secrets(kept)[1:] if kept.exists() and not env.str("SECRET_KEY", "") else []


def is_weak_key(key: str) -> bool:
    """Whether a key is short, repeats itself, or is one of those that stand in examples."""
    is_example = key.startswith("django-insecure-") or "change" in key.lower()
    return len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_SIGNS or is_example


def read_secrets(path: Path) -> list[str]:
    """The keys in a file, one a line, the present one first."""
    return [line.strip() for line in path.read_text().splitlines() if line.strip()] or [""]


def write_secret(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, and was never anybody else's to read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
