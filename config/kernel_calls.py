"""Calls to the kernel that never wait, made without giving the interpreter away.

Python lets another thread run at each call to the kernel, since it might wait. Where many threads
compute, whoever asked gets its turn back only after all of them had theirs: the web server's loop,
which makes some ten such calls for each visitor, answered /healthz a quarter of a second late
(`make attack`). The calls here return at once in any case, so the loop keeps its turn
(https://docs.python.org/3/library/ctypes.html#ctypes.PyDLL). Elsewhere than on Linux they are
Python's own.

All raise OSError as Python's own do: BlockingIOError where one would have to wait.
"""

from __future__ import annotations

import ctypes
import os
import platform
import select
import selectors
import socket
import struct
import sys
from typing import Any

_LIBC: Any = ctypes.PyDLL(None, use_errno=True) if sys.platform == "linux" else None
_ADD, _DELETE = 1, 2  # EPOLL_CTL_ADD, EPOLL_CTL_DEL
_ADDRESS_BYTES = 128  # of a sockaddr_storage, which holds an address of any family


class _Event(ctypes.Structure):
    """The kernel's epoll_event, whose fields leave no gap on x86-64 (epoll_ctl(2))."""

    if platform.machine() == "x86_64":
        _pack_ = 1
        _layout_ = "ms"  # what packing means; Python 3.14 wants it said
    _fields_ = (("events", ctypes.c_uint32), ("descriptor", ctypes.c_uint64))


def accept(listener: Any) -> tuple[socket.socket, Any]:
    """As the socket's own accept, from a listener that does not wait."""
    if _LIBC is None:
        accepted: tuple[socket.socket, Any] = listener.accept()
        return accepted
    address, size = ctypes.create_string_buffer(_ADDRESS_BYTES), ctypes.c_uint32(_ADDRESS_BYTES)
    flags = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    made = _check(_LIBC.accept4(listener.fileno(), address, ctypes.byref(size), flags))
    family = listener.family
    return socket.socket(family, listener.type, listener.proto, made), _read_address(
        family, address.raw
    )


def receive(sock: socket.socket, size: int) -> bytes:
    """So many bytes at most, of those that are there; none where the other end has hung up."""
    if _LIBC is None:
        return socket.socket.recv(sock, size, socket.MSG_DONTWAIT)
    data = ctypes.create_string_buffer(size)
    got = _check(_LIBC.recv(sock.fileno(), data, ctypes.c_size_t(size), socket.MSG_DONTWAIT))
    return memoryview(data)[:got].tobytes()


def send(sock: socket.socket, data: bytes) -> int:
    """How many of these bytes the kernel took at once."""
    if _LIBC is None:
        return socket.socket.send(sock, data, socket.MSG_DONTWAIT)
    flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
    return _check(_LIBC.send(sock.fileno(), data, ctypes.c_size_t(len(data)), flags))


def read(descriptor: int, size: int) -> bytes:
    """So many bytes at most, out of a pipe that does not wait."""
    if _LIBC is None:
        return os.read(descriptor, size)
    data = ctypes.create_string_buffer(size)
    got = _check(_LIBC.read(descriptor, data, ctypes.c_size_t(size)))
    return data.raw[:got]


def write(descriptor: int, data: bytes) -> int:
    """How many of these bytes a pipe that does not wait took."""
    if _LIBC is None:
        return os.write(descriptor, data)
    return _check(_LIBC.write(descriptor, data, ctypes.c_size_t(len(data))))


def end_sending(sock: socket.socket) -> None:
    """The other end reads that nothing more will come; what it sends is still read."""
    if _LIBC is None:
        sock.shutdown(socket.SHUT_WR)
    else:
        _check(_LIBC.shutdown(sock.fileno(), socket.SHUT_WR))


def close(sock: socket.socket) -> None:
    """Close, as often as one likes; what goes wrong then is nobody's concern."""
    if _LIBC is None:
        sock.close()
    elif (descriptor := sock.detach()) >= 0:
        _LIBC.close(descriptor)


class Poller:
    """What gunicorn's loop asks a selector of the standard library for, and for reading alone."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, one: Any, events: int, data: Any) -> None:
        """Let `select` tell when a socket, or a descriptor, has something to be read."""
        descriptor = one if isinstance(one, int) else one.fileno()
        event = _Event(select.EPOLLIN, descriptor)
        _check(_LIBC.epoll_ctl(self._epoll.fileno(), _ADD, descriptor, ctypes.byref(event)))
        self._keys[descriptor] = selectors.SelectorKey(one, descriptor, events, data)

    def unregister(self, one: Any) -> None:
        """Raises KeyError where it is not registered."""
        descriptor = one if isinstance(one, int) else one.fileno()
        del self._keys[descriptor]
        _LIBC.epoll_ctl(self._epoll.fileno(), _DELETE, descriptor, ctypes.byref(_Event()))

    def select(self, timeout: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait so many seconds for whatever can be read."""
        ready = [descriptor for descriptor, _ in self._epoll.poll(timeout, len(self._keys) + 1)]
        return [(self._keys[one], selectors.EVENT_READ) for one in ready if one in self._keys]

    def close(self) -> None:
        self._epoll.close()
        self._keys.clear()


def make_poller() -> Any:
    """A Poller where the system has one, else the standard library's selector."""
    return selectors.DefaultSelector() if _LIBC is None else Poller()


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _read_address(family: int, raw: bytes) -> Any:
    """A visitor's address as Python gives it, out of a sockaddr (ip(7), ipv6(7))."""
    if family == socket.AF_INET:
        return socket.inet_ntoa(raw[4:8]), int.from_bytes(raw[2:4], "big")
    if family == socket.AF_INET6:
        port, flow, address = struct.unpack("!HI16s", raw[2:24])
        (scope,) = struct.unpack("=I", raw[24:28])
        return socket.inet_ntop(family, address), port, flow, scope
    return ""
