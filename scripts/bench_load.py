"""Pages under load: requests a second, and the processor time that each takes.

Fills a throwaway PostgreSQL, serves it with gunicorn and two workers as in production, and asks for
each page over eight kept connections at once; then the same for a plain Django page
(plain_page.py). Processor time is that of all processes of the web server, of PostgreSQL and of
Redis: unlike requests a second it means the same on a busy machine. All in milliseconds.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS, SECONDS, WARM_REQUESTS = 8, 4.0, 40
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    if "--measure" in sys.argv:
        measure()
        return
    sys.path.insert(0, str(ROOT / "scripts"))
    from with_services import services  # noqa: PLC0415 (beside this file)

    with TemporaryDirectory(prefix="offprint-bench-") as folder, services() as servers:
        settings = {"VAR_DIR": folder, "LOG_LEVEL": "ERROR", "SECRET_KEY": "bench", "DEBUG": "0"}
        settings["SERVER_PIDS"] = " ".join(str(process.pid) for process, _ in servers.processes)
        command = [sys.executable, "-W", "ignore", __file__, "--measure"]
        env = {**os.environ, **settings, **servers.env}
        subprocess.run(command, env=env, cwd=ROOT, check=True)


def measure() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django  # noqa: PLC0415 (reads the settings)

    django.setup()
    import bench_papers  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    bench_papers.PAPERS = int(os.environ.get("PAPERS", bench_papers.PAPERS))
    call_command("migrate", verbosity=0, interactive=False)
    pages = [page for page in bench_papers.fill() if "search" not in page[0]]
    print(f"{bench_papers.PAPERS:,} papers, {CONNECTIONS} connections, gunicorn with two workers")
    print(f"{'page':28} {'a second':>9} {'median':>8} {'web':>8} {'servers':>8} {'bytes':>8}")
    with serve("plain_page:application") as server:
        report("a plain Django page", "/", *server)
    with serve("config.wsgi") as server:
        report("nothing (/healthz)", "/healthz", *server)
        for name, path in pages:
            report(name, path, *server)


@contextmanager
def serve(application: str) -> Iterator[tuple[int, int]]:
    """gunicorn on a free port: the port, and the process id of its master."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", application, "-w", "2"]
    command += ["--threads", "4", "-b", f"127.0.0.1:{port}"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    # Its log is written as in production, and read by nobody.
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port):
            if process.poll() is not None:
                raise SystemExit("gunicorn did not start: see above.")
            time.sleep(0.1)
        _wait_until_idle(process.pid)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_until_idle(master: int) -> None:
    """Its workers read the papers and render the first pages, which is not what is measured."""
    for _ in range(120):
        before = read_cpu([master])
        time.sleep(2)
        if read_cpu([master]) - before < 0.1:
            return


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def report(name: str, path: str, port: int, master: int) -> None:
    ask_at_once(port, path, count=WARM_REQUESTS)
    servers = [int(pid) for pid in os.environ["SERVER_PIDS"].split()]
    web_before, servers_before = read_cpu([master]), read_cpu(servers)
    begun = time.perf_counter()
    times, size = ask_at_once(port, path, seconds=SECONDS)
    taken = time.perf_counter() - begun
    web = (read_cpu([master]) - web_before) * 1000 / len(times)
    behind = (read_cpu(servers) - servers_before) * 1000 / len(times)
    median = statistics.median(times) * 1000
    print(
        f"{name:28.28} {len(times) / taken:9.0f} {median:8.2f} {web:8.2f} {behind:8.2f} {size:8,}",
        flush=True,
    )


def read_cpu(pids: list[int]) -> float:
    """Seconds of processor time of these processes and of all that live below them."""
    parents, ticks = dict[int, int](), dict[int, int]()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        ticks[int(folder.name)] = int(fields[11]) + int(fields[12])
    counted = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in counted} - counted:
        counted |= more
    return sum(ticks.get(pid, 0) for pid in counted) / TICKS


def ask_at_once(
    port: int, path: str, seconds: float = 60.0, count: int = 10**9
) -> tuple[list[float], int]:
    """Ask on all connections at once: each request's seconds, and the bytes of the last answer."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    times, size = list[float](), 0
    until = time.perf_counter() + seconds
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            line = socket.create_connection(("127.0.0.1", port))
            line.sendall(request)
            selector.register(line, selectors.EVENT_READ, [time.perf_counter(), b""])
        while len(times) < count and time.perf_counter() < until:
            for key, _ in selector.select():
                asked, state = key.fileobj, key.data
                assert isinstance(asked, socket.socket)
                state[1] += asked.recv(1_000_000)
                if (whole := _measure_answer(state[1])) and len(state[1]) >= whole:
                    times.append(time.perf_counter() - state[0])
                    size = whole
                    state[:] = [time.perf_counter(), b""]
                    asked.sendall(request)
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    return times, size


def _measure_answer(read: bytes) -> int:
    """How long the answer is whose beginning was read; 0 while nobody knows."""
    head, blank, _ = read.partition(b"\r\n\r\n")
    if not blank:
        return 0
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"The server answered {head[:60]!r}.")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return len(head) + 4 + int(length)


if __name__ == "__main__":
    main()
