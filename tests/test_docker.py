"""The image and the compose file fit the settings, and hold no secret."""

import ast
import importlib
import json
import re
import runpy
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from packaging.specifiers import SpecifierSet

from config import environment
from config.body_sizes import find_most_bytes
from config.celery import app as celery_app

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"migrate", "web", "worker-mail", "worker", "beat", "metrics"}
WORKERS = ["worker-mail", "worker"]
STAYING = [name for name in SERVICES if name != "migrate"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
# Read by make and by docker-compose.yml, not by the settings.
ONLY_AROUND_THE_SETTINGS = {"POSTGRES_PASSWORD", "PORT", "COMPOSE_PROFILES"}


def variables_read_by_settings() -> set[str]:
    """Every NAME in `env.kind("NAME", …)` and `environment.kind("NAME", …)`."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    return {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in ("env", "environment")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def variables_in_example() -> dict[str, str]:
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def is_anymails(name: str) -> bool:
    return name.startswith("ANYMAIL_")


def commands() -> dict[str, list[str]]:
    """What each of our containers runs, as words."""
    default = ast.literal_eval(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1])
    return {name: SERVICES[name].get("command", " ".join(default)).split() for name in OURS}


def test_every_variable_the_settings_read_is_explained() -> None:
    names = variables_read_by_settings()
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SITE_URL", "EMAIL_URL"} <= names
    assert names <= set(variables_in_example())


def test_every_variable_that_is_explained_is_read() -> None:
    explained = {name for name in variables_in_example() if not is_anymails(name)}
    assert explained - ONLY_AROUND_THE_SETTINGS == {
        name for name in variables_read_by_settings() if not is_anymails(name)
    }


def test_every_variable_stands_below_a_sentence_about_it() -> None:
    blocks = [block for block in EXAMPLE.split("\n\n") if re.search(r"^#?[A-Z_]+=", block, re.M)]
    sentences = [re.match(r"(# .*\n)+", block) for block in blocks]
    assert all(found and len(found[0].split()) > 5 for found in sentences)


def test_the_example_sets_nothing_and_holds_no_secret() -> None:
    assert not re.findall(r"^[A-Z_]+=", EXAMPLE, re.MULTILINE)
    example = variables_in_example()
    assert [example[name] for name in ("SECRET_KEY", "POSTGRES_PASSWORD")] == ["", ""]


def test_containers_are_given_only_variables_that_are_known() -> None:
    known = variables_read_by_settings() | ONLY_AROUND_THE_SETTINGS
    asked_for = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked_for <= known
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= known
        assert SERVICES[name]["env_file"] == ".env"


@pytest.mark.parametrize("name", ["SECRET_KEY", "SITE_URL", "POSTGRES_PASSWORD"])
def test_compose_refuses_to_start_without_what_only_the_owner_knows(name: str) -> None:
    uses = re.findall(rf"\$\{{{name}(.*?)\}}", (ROOT / "docker-compose.yml").read_text())
    assert uses
    assert all(use.startswith(":?") for use in uses)


def test_each_container_runs_a_program_of_ours_that_exists() -> None:
    web = commands()["web"]
    module, _, attribute = web[1].partition(":")
    assert web[0] == "gunicorn"
    assert callable(getattr(importlib.import_module(module), attribute))
    for name, verb in {**dict.fromkeys(WORKERS, "worker"), "beat": "beat"}.items():
        # Quiet: its banner would be a line in the log that is no JSON.
        assert commands()[name][:5] == ["celery", "--quiet", "-A", "config", verb]
    assert importlib.import_module("config").celery_app is celery_app
    for command in ("migrate", "metrics"):
        assert commands()[command][:3] == ["python", "manage.py", command]


def test_every_queue_has_its_worker_and_mail_has_one_of_its_own() -> None:
    served = {name: set(re.findall(r"-Q (\S+)", " ".join(commands()[name]))) for name in WORKERS}
    queues = {name: set(",".join(words).split(",")) for name, words in served.items()}
    assert queues["worker-mail"] == {"letters", "deliver"}
    assert set(celery_app.amqp.queues) <= queues["worker-mail"] | queues["worker"]
    assert not queues["worker-mail"] & queues["worker"]


def test_the_health_check_of_the_web_container_is_a_program_of_ours() -> None:
    program = SERVICES["web"]["healthcheck"]["test"][2]
    assert (ROOT / program).is_file()
    assert "--bind 0.0.0.0:8000" in " ".join(commands()["web"])
    assert SERVICES["web"]["expose"] == ["8000"]


@pytest.mark.parametrize(("status", "is_up"), [(200, True), (503, False), (None, False)])
def test_the_web_container_is_up_when_its_site_answers_to_its_own_name(
    status: int | None, is_up: bool
) -> None:
    asked: list[tuple[str, str]] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status or 500)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    program = runpy.run_path(str(ROOT / "scripts" / "is_up.py"))
    with HTTPServer(("127.0.0.1", 0), Site) as site:
        if status:
            threading.Thread(target=site.handle_request, daemon=True).start()
        else:
            site.server_close()  # nobody is there
        assert program["is_up"](site.server_port, "https://papers.example.org") is is_up
    assert asked == ([("/healthz", "papers.example.org")] if status else [])


def test_there_is_exactly_one_beat() -> None:
    beats = [name for name, service in SERVICES.items() if "beat" in service.get("command", "")]
    assert beats == ["beat"]
    assert "deploy" not in SERVICES["beat"]
    assert all("--beat" not in commands()[name] for name in WORKERS)


@pytest.mark.parametrize("name", ["web", *WORKERS, "beat", "metrics"])
def test_nothing_starts_before_what_it_needs(name: str) -> None:
    assert {need: how["condition"] for need, how in SERVICES[name]["depends_on"].items()} == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


def test_migrations_run_once_and_only_need_the_database() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert set(SERVICES["migrate"]["depends_on"]) == {"postgres"}


@pytest.mark.parametrize("name", STAYING)
def test_every_container_that_stays_is_watched_and_started_again(name: str) -> None:
    # Caddy's image has no program to ask with; who asks for a page sees it.
    assert name == "proxy" or SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_can_do_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert name in OURS | {"proxy"} or service["user"] not in ("", "root", "0")


@pytest.mark.parametrize("name", SERVICES)
def test_every_log_is_rotated(name: str) -> None:
    log = SERVICES[name]["logging"]
    assert log["driver"] == "json-file"
    assert log["options"] == {"max-size": "10m", "max-file": "5"}


def test_what_is_written_outside_a_volume_is_in_memory() -> None:
    assert all("/tmp" in SERVICES[name]["tmpfs"] for name in OURS)
    assert "--schedule /tmp/" in " ".join(commands()["beat"])


def test_a_worker_that_is_told_to_end_has_a_quarter_of_a_minute() -> None:
    assert {SERVICES[name]["stop_grace_period"] for name in WORKERS} == {"15s"}


def test_only_the_proxy_is_reached_from_outside() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    assert set(published) == {"proxy", "mailpit"}
    local = published["mailpit"]
    assert all(port.startswith("127.0.0.1:") for port in local)
    for name in OURS:  # metrics have a port of their own, which is not published
        assert SERVICES[name]["environment"]["METRICS_PORT"] == (
            "9100" if name in ("web", "metrics") else ""
        )


def test_the_proxy_takes_its_name_from_the_site_and_hands_on_to_web() -> None:
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    assert "{$SITE_URL} {" in caddyfile
    assert "reverse_proxy web:8000" in caddyfile
    assert "./deploy/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["proxy"]["volumes"]
    assert "profiles" not in SERVICES["proxy"]
    assert SERVICES["web"]["environment"]["PROXY_HOPS"] == "${PROXY_HOPS:-1}"


def test_the_mail_catcher_is_where_the_example_sends_mail(read_mail_server: Any) -> None:
    assert SERVICES["mailpit"]["profiles"] == ["mail-catcher"]
    [url] = re.findall(r"smtp://mailpit:\d+", EXAMPLE)
    assert url in (ROOT / "docker-compose.yml").read_text()
    server = read_mail_server(url)
    assert (server["EMAIL_HOST"], server["EMAIL_PORT"]) == ("mailpit", 1025)


@pytest.fixture
def read_mail_server(monkeypatch: pytest.MonkeyPatch) -> Any:
    def read(url: str) -> dict[str, Any]:
        monkeypatch.setenv("EMAIL_URL", url)
        return environment.mail_server("EMAIL_URL")

    return read


def validate_compose(document: dict[str, Any]) -> list[str]:
    """What the schema of compose files says against it."""
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text()))
    return [error.message for error in validator.iter_errors(document)]


def test_the_compose_file_fits_its_schema() -> None:
    plain = {name: part for name, part in COMPOSE.items() if not name.startswith("x-")}
    assert validate_compose(plain) == []


def test_a_proxy_of_ones_own_takes_caddys_place_on_this_machine_alone() -> None:
    text = (ROOT / "deploy" / "compose.own-proxy.yml").read_text()
    own = yaml.safe_load(text)
    assert validate_compose(own) == []
    assert own["services"]["web"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]
    assert own["services"]["proxy"]["profiles"]
    assert set(own["services"]) <= set(SERVICES)


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_both_proxies_take_what_any_page_takes_and_write_no_addresses_down(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text()
    most = max(find_most_bytes(path) for path in ("/", "/interests/", "/anymail/x/", "/admin/"))
    [said] = re.findall(r"(?:max_size|client_max_body_size) (\d+)m", text, re.IGNORECASE)
    assert int(said) * 1_000_000 >= most
    logged = re.findall(r"^\s*(?:access_log (?!off)|log\b)", text, re.MULTILINE)
    assert not logged


def test_a_word_that_compose_does_not_know_would_be_found() -> None:
    assert validate_compose({"services": {"web": {"image": "offprint", "memlimit": "1g"}}})


def test_the_database_and_the_outbox_outlive_their_containers() -> None:
    volumes = {volume.split(":")[0] for s in SERVICES.values() for volume in s.get("volumes", [])}
    assert volumes - {"./deploy/Caddyfile"} == set(COMPOSE["volumes"])
    data = re.search(r"VAR_DIR=(\S+)", DOCKERFILE)
    assert data
    assert {tuple(SERVICES[name]["volumes"]) for name in OURS} == {(f"var:{data[1]}",)}
    assert f"VOLUME {data[1]}" in DOCKERFILE


def test_the_database_plans_as_the_one_that_is_tested_and_has_room_for_all_threads() -> None:
    given = dict(re.findall(r"-c (\w+)=(\S+)", SERVICES["postgres"]["command"]))
    with_services = (ROOT / "scripts" / "with_services.py").read_text()
    assert f" random_page_cost={given['random_page_cost']}" in with_services
    shipped = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    # Each process has a thread for kept pages, too; as many are left to a second web as to workers.
    web = shipped["workers"] * (shipped["threads"] + 1)
    assert int(given["max_connections"]) > 2 * web + 20


def test_the_database_lies_where_postgresql_keeps_it_from_18_on() -> None:
    database = SERVICES["postgres"]
    assert int(database["image"].removeprefix("postgres:").partition(".")[0]) >= 18
    assert database["volumes"] == ["postgres:/var/lib/postgresql"]


def test_the_databases_address_fits_the_database() -> None:
    url = SERVICES["web"]["environment"]["DATABASE_URL"]
    database = SERVICES["postgres"]["environment"]
    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert re.fullmatch(rf"postgres://{user}:\$\{{.*\}}@postgres:5432/{name}", url)
    assert SERVICES["web"]["environment"]["REDIS_URL"].startswith("redis://redis:")


def test_the_image_has_a_python_we_support() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    images = re.findall(r"^FROM python:(\d+\.\d+)(?:\.\d+)?-slim", DOCKERFILE, re.MULTILINE)
    assert len(images) == DOCKERFILE.count("\nFROM ") + DOCKERFILE.startswith("FROM ")
    assert len(set(images)) == 1
    assert SpecifierSet(project["requires-python"]).contains(images[0])


def test_the_image_runs_as_nobody_special_and_holds_nothing_private() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", users[-1])  # Kubernetes knows numbers only
    assert not re.findall(r"SECRET|PASSWORD|TOKEN", DOCKERFILE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".*", "var"} <= set(ignored)  # .env, .git, .venv; the database and the secret key
    assert {"tests", "docs", "deploy"} <= set(ignored)


def test_the_image_has_what_its_containers_run() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "scripts/*" in ignored
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert kept == {"requirements-image.txt", "scripts/is_up.py"}
    assert all((ROOT / name).is_file() for name in kept)
    asked = {word for s in SERVICES.values() for word in s.get("healthcheck", {}).get("test", [])}
    assert {word for word in asked if word.startswith("scripts/")} <= kept


def test_no_compiler_is_needed() -> None:
    assert "--only-binary :all:" in DOCKERFILE
    assert "apt-get install" not in DOCKERFILE or "gcc" not in DOCKERFILE


def test_the_image_installs_what_is_locked() -> None:
    steps = DOCKERFILE.replace("\\\n", " ").splitlines()
    installs = [step for step in steps if re.search(r"\bpip .*install\b", step)]
    assert installs
    assert all("--require-hashes -r requirements-image.txt" in step for step in installs)
