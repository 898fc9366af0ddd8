"""What the settings say, before any row is read."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from digest.management.doctor.provider import check_provider, check_tracking, check_webhook_secret
from digest.management.doctor.symptom import Symptom
from digest.match.embedding import ModelError, open_model
from subscribers import forgiving_cache
from subscribers.limits import rate_limits

SHORTEST_KEY = 32


def check_settings() -> Iterator[Symptom]:
    for part in (
        check_site,
        check_proxies,
        check_secret_key,
        check_storage,
        check_provider,
        check_sender,
        check_webhook_secret,
        check_tracking,
        check_postal_address,
        check_operators,
        check_embedding_model,
    ):
        yield from part()


def check_embedding_model() -> Iterator[Symptom]:
    """A model that cannot be opened: papers are then ranked by their words alone."""
    if settings.EMBEDDING_MODEL_DIR:
        try:
            open_model(Path(settings.EMBEDDING_MODEL_DIR))
        except ModelError as error:
            said, _, cure = str(error).partition(": ")
            yield Symptom(f"{said}.", f"{cure[:1].upper()}{cure[1:]}")


def check_site() -> Iterator[Symptom]:
    if settings.DEBUG:
        yield Symptom(
            "DEBUG is on: visitors who meet an error see settings and code.",
            "Remove DEBUG from the environment, or set it to false.",
        )
    if settings.SITE_IS_LOCAL:
        yield Symptom(
            f"SITE_URL is {settings.SITE_URL}: every link in every mail leads to the reader's own "
            "machine.",
            "Set SITE_URL to the address people will use, such as https://papers.example.org.",
            breaks_mail=True,
        )
    elif not settings.SITE_URL.startswith("https://"):
        yield Symptom(
            f"SITE_URL is {settings.SITE_URL}, without https: mailboxes offer no one-click "
            "unsubscribe, and big ones then refuse mail to many.",
            "Serve the site over https and let SITE_URL begin with https://.",
            breaks_mail=True,
        )
    if "*" in settings.ALLOWED_HOSTS and not settings.SITE_IS_LOCAL:
        yield Symptom(
            "ALLOWED_HOSTS lets anybody's name for this site in.",
            "Set it to the names this site answers to, or leave it out.",
        )


def check_proxies() -> Iterator[Symptom]:
    """Whether PROXY_HOPS fits the requests of the last day, as web processes noted them."""
    seen, hops = rate_limits.read_odd_proxies(), settings.PROXY_HOPS
    if seen is None:
        return
    if not hops:
        yield Symptom(
            f"PROXY_HOPS is 0, and requests come with {seen} addresses in X-Forwarded-For: if a "
            "proxy of yours adds them, all visitors look like one to every limit.",
            "Set PROXY_HOPS to how many proxies of yours stand before the web server; ignore this "
            "where none does, since anybody may send that header.",
        )
    elif seen < hops:
        yield Symptom(
            f"PROXY_HOPS is {hops}, and requests come with {seen} addresses in X-Forwarded-For: "
            "then visitors are told apart by an address that is a proxy's.",
            "Set PROXY_HOPS to how many proxies of yours pass the header on, and let nobody reach "
            "the web server around them.",
        )


def check_secret_key() -> Iterator[Symptom]:
    kept = Path(settings.VAR_DIR) / "secret_key"
    if kept.exists() and settings.SECRET_KEY in kept.read_text().splitlines():
        yield Symptom(
            "SECRET_KEY is one this machine made for itself: links in mails die with its folder, "
            "and another machine signs others.",
            "Set SECRET_KEY to a long random text, the same on every machine; "
            f"to keep the links of mails already sent, to what {kept} holds.",
        )
    elif len(settings.SECRET_KEY) < SHORTEST_KEY or settings.SECRET_KEY.startswith(
        "django-insecure"
    ):
        yield Symptom(
            "SECRET_KEY is short, or an example: who guesses it can sign links for any reader.",
            'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
        )


def check_storage() -> Iterator[Symptom]:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Symptom(
            "The database is SQLite: good for one machine, not for several workers.",
            "Set DATABASE_URL to a PostgreSQL, as docker-compose.yml does.",
        )
    if not settings.REDIS_URL:
        yield Symptom(
            "REDIS_URL is not set: wake-up calls stay within one process, as in `make run`; "
            "a worker and a beat of their own would never hear each other.",
            "Set REDIS_URL, as docker-compose.yml does.",
        )
        return
    if outage := forgiving_cache.describe_outage():
        yield Symptom(
            f"Redis does not answer: {outage}.",
            "Start it, or mend REDIS_URL; until then no worker is woken.",
            breaks_mail=True,
        )


def check_sender() -> Iterator[Symptom]:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domain = address.rpartition("@")[2].lower()
    host = (urlsplit(settings.SITE_URL).hostname or "").lower()
    if "." not in domain:
        yield Symptom(
            f"DEFAULT_FROM_EMAIL is {settings.DEFAULT_FROM_EMAIL}: mailboxes refuse a sender "
            "whose domain nobody can look up.",
            "Set it to an address your provider may send for.",
            breaks_mail=True,
        )
    elif not settings.SITE_IS_LOCAL and domain.split(".")[-2:] != host.split(".")[-2:]:
        yield Symptom(
            f"Mail comes from {domain}, its links lead to {host}: filters trust that less.",
            "Send from the site's own domain where you can, with SPF, DKIM and DMARC for it.",
        )


def check_postal_address() -> Iterator[Symptom]:
    if not settings.POSTAL_ADDRESS:
        yield Symptom(
            "POSTAL_ADDRESS is empty; in many places the law wants one at the foot of every mail.",
            "Set it to the sender's postal address.",
        )


def check_operators() -> Iterator[Symptom]:
    ways = (settings.OPERATORS_EMAIL, settings.OPERATORS_WEBHOOK, settings.OPERATORS_NTFY)
    if not any(ways):
        yield Symptom(
            "OPERATORS_WEBHOOK, OPERATORS_EMAIL and OPERATORS_NTFY are empty: nobody is told when "
            "an edition is held or the provider refuses our account.",
            "Set one of them, best not the mail alone: it hangs on the email provider.",
        )
