"""The image and the compose file fit the settings, and hold no secret."""

import ast
import importlib
import re
import runpy
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from config.celery import app as celery_app

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"migrate", "web", "worker", "beat"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
# Read by make and by docker-compose.yml, not by the settings.
ONLY_AROUND_THE_SETTINGS = {"POSTGRES_PASSWORD", "PORT"}


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
    web, beat, worker = (commands()[name] for name in ("web", "beat", "worker"))
    module, _, attribute = web[1].partition(":")
    assert web[0] == "gunicorn"
    assert callable(getattr(importlib.import_module(module), attribute))
    for command, verb in ((worker, "worker"), (beat, "beat")):
        assert command[:4] == ["celery", "-A", "config", verb]
    assert importlib.import_module("config").celery_app is celery_app
    assert commands()["migrate"][:3] == ["python", "manage.py", "migrate"]


def test_the_health_check_of_the_web_container_is_a_program_of_ours() -> None:
    program = SERVICES["web"]["healthcheck"]["test"][2]
    assert (ROOT / program).is_file()
    assert "--bind 0.0.0.0:8000" in " ".join(commands()["web"])
    assert SERVICES["web"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]


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
    assert "--beat" not in commands()["worker"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_what_it_needs(name: str) -> None:
    assert {need: how["condition"] for need, how in SERVICES[name]["depends_on"].items()} == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


def test_migrations_run_once_and_only_need_the_database() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert set(SERVICES["migrate"]["depends_on"]) == {"postgres"}


@pytest.mark.parametrize("name", ["web", "worker", "beat", "postgres", "redis"])
def test_every_container_that_stays_is_watched_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_database_and_the_outbox_outlive_their_containers() -> None:
    volumes = {volume.split(":")[0] for s in SERVICES.values() for volume in s.get("volumes", [])}
    assert volumes == set(COMPOSE["volumes"])
    data = re.search(r"VAR_DIR=(\S+)", DOCKERFILE)
    assert data
    assert SERVICES["web"]["volumes"] == [f"var:{data[1]}"] == SERVICES["worker"]["volumes"]


def test_the_database_lies_where_postgresql_keeps_it_from_18_on() -> None:
    database = SERVICES["postgres"]
    assert int(database["image"].removeprefix("postgres:")) >= 18
    assert database["volumes"] == ["postgres:/var/lib/postgresql"]


def test_the_databases_address_fits_the_database() -> None:
    url = SERVICES["web"]["environment"]["DATABASE_URL"]
    database = SERVICES["postgres"]["environment"]
    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert re.fullmatch(rf"postgres://{user}:\$\{{.*\}}@postgres:5432/{name}", url)
    assert SERVICES["web"]["environment"]["REDIS_URL"].startswith("redis://redis:")


def test_the_image_has_a_python_we_support() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    images = re.findall(r"^FROM python:(\d+\.\d+)-slim", DOCKERFILE, re.MULTILINE)
    assert len(images) == DOCKERFILE.count("\nFROM ") + DOCKERFILE.startswith("FROM ")
    assert len(set(images)) == 1
    assert SpecifierSet(project["requires-python"]).contains(images[0])


def test_the_image_runs_as_nobody_special_and_holds_nothing_private() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}
    assert not re.findall(r"SECRET|PASSWORD|TOKEN", DOCKERFILE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".*", "var"} <= set(ignored)  # .env, .git, .venv; the database and the secret key


def test_the_image_installs_what_is_locked() -> None:
    assert "pip install" in DOCKERFILE
    assert all(
        "--require-hashes -r requirements-image.txt" in line
        for line in DOCKERFILE.splitlines()
        if "pip install" in line
    )
