"""All settings, read from the environment (see .env.example). Without any: a laptop."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from config import environment
from config.admin_look import UNFOLD  # noqa: F401 (a setting)
from config.environment import env
from config.folders import BASE_DIR, FILES_DIR, HOME_DIR  # noqa: F401 (BASE_DIR is a setting)
from config.logging_setup import JSON, LINE, build_logging
from config.provider_settings import find_present_name, read_provider_settings
from config.worker_settings import make_worker_settings

environment.read_file(HOME_DIR / ".env")

VAR_DIR = environment.folder("VAR_DIR", HOME_DIR / "var")
environment.keep_private(VAR_DIR)

DEBUG = environment.flag("DEBUG", False)
SITE_URL = environment.web_address("SITE_URL", "http://localhost:8000")
# With their brackets, as a browser writes the last.
LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]
SITE_IS_LOCAL = urlsplit(SITE_URL).hostname in {"localhost", "127.0.0.1", "::1"}

SECRET_KEY = environment.secret_key("SECRET_KEY", VAR_DIR / "secret_key", is_local=SITE_IS_LOCAL)
# Keys of before: what they signed is still valid (`manage.py rotate_key`).
SECRET_KEY_FALLBACKS = environment.secret_key_fallbacks(
    "SECRET_KEY_FALLBACKS", VAR_DIR / "secret_key"
)
# Mailboxes that are mailed no more are known by hashes under this key: it never changes, and where
# it is not set it is the first key there was.
MAILBOX_KEY = env.str("MAILBOX_KEY", "") or [SECRET_KEY, *SECRET_KEY_FALLBACKS][-1]
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", LOCAL_NAMES if SITE_IS_LOCAL else [urlsplit(SITE_URL).hostname or "localhost"]
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# How many proxies of ours stand before us: that many of the last addresses they pass on are true.
PROXY_HOPS = environment.number("PROXY_HOPS", 0)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "anymail",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "subscribers",
    "digest",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.policy.TextGZipMiddleware",  # before the files of whitenoise, to compress them too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.shared_pages.SharedPageMiddleware",
    "config.policy.PlainPageMiddleware",
    "config.fair_share.FairShareMiddleware",
    "config.policy.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "config.second_step.SecondStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.policy.AdminPolicyMiddleware",
    "config.policy.MethodMiddleware",
    "config.body_limit.BodyLimitMiddleware",
    "config.policy.WebhookMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.sign_in.DeviceMiddleware",
]
# Requests are counted only where something asks for the counts, on a port of their own.
METRICS_HOST = env.str("METRICS_HOST", "127.0.0.1")
METRICS_PORT = environment.metrics_port("METRICS_PORT")
if METRICS_PORT:
    MIDDLEWARE.insert(0, "config.request_metrics.RequestMetricsMiddleware")
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Besides what config/sign_in.py counts before a password is hashed.
AXES_FAILURE_LIMIT, AXES_COOLOFF_TIME = 5, 1  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "config.sign_in.show_locked"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "config.sign_in.find_client_address"
AXES_WHITELIST_CALLABLE = "config.sign_in.is_known_device"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_RESET_TIMEOUT = 3600  # seconds
# A passkey or a code beside the password: whoever wants to, or nobody of the staff without.
STAFF_SECOND_STEP = environment.choice("STAFF_SECOND_STEP", ("offered", "required"))
OTP_TOTP_ISSUER = urlsplit(SITE_URL).hostname
SESSION_COOKIE_AGE = 12 * 3600  # seconds; only staff have a session

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FILES_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "subscribers.templatetags.reader_text"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "digest.context_processors.masthead",
            ],
        },
    },
    {
        "NAME": "mjml",
        "BACKEND": "config.mjml.MJMLTemplates",
        "DIRS": [FILES_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"builtins": ["django.templatetags.i18n"]},
    },
]

# The database holds the truth: PostgreSQL in production, SQLite on a laptop.
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'offprint.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue up instead of failing, and readers never wait for them.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA secure_delete=ON",
    }
    # Opening the file, and closing it last, costs more than most that is asked of it.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    # Tests have a file too: in memory, SQLite's writers fail instead of queueing.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What was promised outside the database: a backup that comes back is known by it.
HIGH_WATER_DIR = VAR_DIR / "high_water"

# Redis carries wake-up calls and counters; without it, one process keeps them in memory.
REDIS_URL = env.str("REDIS_URL", "")
# The cache spells a socket's address in its own way.
_redis_cache_url = REDIS_URL.replace("redis+socket:", "unix:").replace("virtual_host=", "db=")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis_cache_url,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # By default 300, and a flood from many networks would push its own counters out.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
globals().update(make_worker_settings(REDIS_URL or "memory://localhost/"))

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LOCALE_PATHS = [FILES_DIR / "locale"]  # docs/translate.md
FORMAT_MODULE_PATH = ["config.formats"]
LOGIN_REDIRECT_URL = "admin:index"  # only staff sign in

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [FILES_DIR / "static"]
WHITENOISE_USE_FINDERS = True

# Mail. In this order: an email provider through anymail, an SMTP server, the local outbox.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Offprint <offprint@localhost>")
POSTAL_ADDRESS = env.str("POSTAL_ADDRESS", "")
# A topic that fewer follow stands on no public page, so that nobody finds out what one reader
# follows; on a laptop each does.
PUBLIC_TOPIC_FOLLOWERS = environment.number("PUBLIC_TOPIC_FOLLOWERS", 0 if SITE_IS_LOCAL else 3)
# What the operator says on pages of their own: each is a list of paragraphs.
PRIVACY_TEXT = environment.paragraphs("PRIVACY_TEXT")
IMPRINT_TEXT = environment.paragraphs("IMPRINT_TEXT")
CONTACT_TEXT = environment.paragraphs("CONTACT_TEXT")
SECURITY_CONTACT = environment.contact_address("SECURITY_CONTACT")
# Where the provider's inbound route takes mail for us; without one, mails name no such address.
UNSUBSCRIBE_MAILTO = env.str("UNSUBSCRIBE_MAILTO", "")
if UNSUBSCRIBE_MAILTO and not re.fullmatch(r"[\w.-]+@[\w.-]+", UNSUBSCRIBE_MAILTO, re.ASCII):
    raise ImproperlyConfigured(
        "UNSUBSCRIBE_MAILTO is not a plain address. Write it like leave@in.example.org, without a "
        "name and without <>."
    )
# A folder with a model that reads papers into vectors; "" for words alone (docs/topics.md).
EMBEDDING_MODEL_DIR = env.str("EMBEDDING_MODEL_DIR", "")
OUTBOX_DIR = Path(env.str("OUTBOX_DIR", str(VAR_DIR / "outbox")))
ANYMAIL_PROVIDER = find_present_name(env.str("ANYMAIL_PROVIDER", "").strip())
ANYMAIL: dict[str, Any] = read_provider_settings(ANYMAIL_PROVIDER, os.environ)
OUTBOX_BACKEND = "digest.deliver.outbox.OutboxBackend"
# How many calls to the provider each worker process makes at once; and what all may do together,
# where your account allows more, or less, than the provider publishes (docs/providers.md).
DELIVER_CALLS_AT_ONCE = environment.number("DELIVER_CALLS_AT_ONCE", 4) or 1
DELIVER_CALLS_PER_SECOND = environment.rate("DELIVER_CALLS_PER_SECOND")
DELIVER_MESSAGES_PER_SECOND = environment.rate("DELIVER_MESSAGES_PER_SECOND")
WARM_UP = environment.warm_up("WARM_UP")
DELIVER_CONNECTIONS = environment.number("DELIVER_CONNECTIONS", 0)
# How long an edition's first mails are watched before the others follow, in minutes; 0: not at all.
CANARY_MINUTES = environment.number("CANARY_MINUTES", 10)
# Who is told when something has to be looked into, and an address that gets the same as JSON.
OPERATORS_EMAIL: list[str] = env.list("OPERATORS_EMAIL", [])
OPERATORS_WEBHOOK = environment.secret_web_address("OPERATORS_WEBHOOK")
OPERATORS_NTFY = environment.secret_web_address("OPERATORS_NTFY")
# Gets a post each minute as long as beat and a worker run: it alarms when none comes.
PING_URL = environment.secret_web_address("PING_URL")
# So much room must be left where we write to, or operators are told.
DISK_FREE_MB = environment.number("DISK_FREE_MB", 500)
if ANYMAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{ANYMAIL_PROVIDER}.EmailBackend"
elif _mail := environment.mail_server("EMAIL_URL"):
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
    EMAIL_TIMEOUT = _mail["EMAIL_TIMEOUT"]
else:
    EMAIL_BACKEND = OUTBOX_BACKEND
if ANYMAIL_PROVIDER and not ANYMAIL.get("WEBHOOK_SECRET"):
    raise ImproperlyConfigured(
        "ANYMAIL_WEBHOOK_SECRET is not set. Without it anyone could forge bounces and complaints: "
        "set it to name:password and put the same into the webhook address at your provider."
    )

# Where the live sources are; a test host takes their place here (scheme, host and port).
OFFPRINT_HF_URL = environment.web_address("OFFPRINT_HF_URL", "https://huggingface.co")
OFFPRINT_ARXIV_URL = environment.web_address("OFFPRINT_ARXIV_URL", "https://rss.arxiv.org")
FETCH_ALLOW_PRIVATE: list[str] = env.list("FETCH_ALLOW_PRIVATE", [])

# The public pages load nothing from elsewhere and run no inline script.
_CSP = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "manifest-src": [SELF],
}
CONTENT_SECURITY_POLICY = {"EXCLUDE_URL_PREFIXES": ["/admin/"], "DIRECTIVES": _CSP}
# The admin's library needs eval and inline styles; only signed-in staff ever see it.
ADMIN_CONTENT_SECURITY_POLICY = _CSP | {
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
if SITE_URL.startswith("https://"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_SSL_REDIRECT = True  # but for what machines ask within the network
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

LOG_FORMAT = environment.choice("LOG_FORMAT", (LINE, JSON))
LOGGING = build_logging(
    LOG_FORMAT,
    environment.level("LOG_LEVEL", "INFO"),
    tells_activity=LOG_FORMAT == JSON or not SITE_IS_LOCAL,
)
logging.captureWarnings(LOG_FORMAT == JSON)  # those of Python and its libraries are objects too
