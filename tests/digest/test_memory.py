"""The memory of a finished task is given back, looked at in a process of its own."""

import ctypes
import subprocess
import sys

import pytest

from digest.memory import limit_arenas, release_memory

has_glibc = hasattr(ctypes.CDLL(None), "malloc_trim")

# Blocks that are freed below one that stays: the C library gives back nothing of them by itself.
TASK = """
import threading
from digest.memory import limit_arenas, release_memory

def read_pages():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

def work(kept):
    blocks = [bytes(2_000) for _ in range(5_000)]
    kept.append(blocks[-1])

limit_arenas()
kept, before = [], read_pages()
threads = [threading.Thread(target=work, args=(kept,)) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
full = read_pages()
release_memory()
print(full - before, read_pages() - before)
"""


@pytest.mark.skipif(not has_glibc, reason="This machine's C library gives back nothing.")
def test_what_a_task_needed_is_given_back() -> None:
    command = [sys.executable, "-c", TASK]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    needed, left = map(int, said.split())
    assert needed > 8_000_000
    assert left < needed / 4


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not limit_arenas()
    assert not release_memory()


_WORKER = """
import digest.memory
asked = []
digest.memory.limit_arenas = lambda: asked.append(True)
import config.celery
from celery.signals import worker_init
worker_init.send(sender=None)
print(len(asked))
"""


def test_a_worker_limits_the_arenas_of_its_processes() -> None:
    command = [sys.executable, "-W", "ignore", "-c", _WORKER]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "1"
