"""What `pip install .` brings to a machine that has no checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Where a folder of the checkout lies in the package.
PLACES = {
    "config": "config",
    "digest": "digest",
    "subscribers": "subscribers",
    "templates": "config/templates",
    "static": "config/static",
    "locale": "config/locale",
}
VISIT = """
from django.test import Client
from django.conf import settings
from django.contrib.staticfiles import finders
client = Client(SERVER_NAME="localhost")
print(client.get("/").status_code, client.get("/api/v1/openapi.json").status_code)
print(settings.SITE_URL, bool(finders.find("offprint.css")))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    return zipfile.ZipFile(next(folder.glob("offprint-*.whl")))


def test_a_package_holds_all_that_runs_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    expected = {
        f"{place}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, place in PLACES.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    kinds = {name.rpartition(".")[2] for name in expected}
    assert {"py", "json", "toml", "html", "mjml", "txt", "css", "js", "woff2"} <= kinds
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == expected | {"config/gunicorn_conf.py"}


@pytest.mark.thorough
def test_an_installed_package_serves_pages_and_keeps_its_data_where_it_is_started(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    packages, home = tmp_path / "site-packages", tmp_path / "home"
    wheel.extractall(packages)
    home.mkdir()
    (home / ".env").write_text("SITE_URL=http://localhost:8123\n")

    def offprint(*words: str) -> str:
        call = "from config.command_line import main; main()"
        return subprocess.run(
            [sys.executable, "-c", call, *words],
            cwd=home,
            env={"PYTHONPATH": str(packages), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        ).stdout

    offprint("migrate", "-v0")
    assert (home / "var" / "offprint.sqlite3").exists()
    assert offprint("shell", "-v0", "-c", VISIT).splitlines() == [
        "200 200",
        "http://localhost:8123 True",
    ]


def test_the_command_that_comes_with_it_is_the_projects_own(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert "offprint = config.command_line:main" in wheel.read(entry_points).decode()
