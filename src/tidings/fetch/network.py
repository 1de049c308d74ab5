"""Sockets under guard: checked addresses only, and no request longer or larger than its allowance.

The allowance of the request that a thread is working on hangs on that thread, because httpcore hands time-outs down but
neither a deadline nor a byte count, and a sync request runs from end to end in the thread that made it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpcore

from tidings.fetch.addresses import Resolve, is_public_address


class AddressRefused(Exception):
    """The name leads only to addresses that the guard refuses."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(detail)
        self.host = host


class DeadlinePassed(Exception):
    """The whole request took longer than it may."""


class TooManyBytes(Exception):
    """The answer brought more bytes than it may, headers and framing included."""


@dataclass(slots=True)
class Allowance:
    """What the request in hand may still use; `opened` counts the connections that it had to open."""

    deadline_s: float
    bytes_left: int
    opened: int = 0


class Network(httpcore.NetworkBackend):
    """Opens connections for httpcore.

    `own` holds the "name:port" that may lead to any address.  `monotonic` is a clock in seconds.
    `sockets` opens the connections themselves.
    """

    def __init__(
        self,
        *,
        resolve: Resolve,
        own: Collection[str],
        monotonic: Callable[[], float],
        sockets: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._resolve = resolve
        self._own = frozenset(own)
        self._monotonic = monotonic
        self._sockets = sockets or httpcore.SyncBackend()
        self._local = threading.local()

    @contextmanager
    def allowance(self, *, seconds: float, max_bytes: int) -> Iterator[Allowance]:
        """Hold every read, write and connection of this thread to one allowance."""
        allowance = Allowance(self._monotonic() + seconds, max_bytes)
        self._local.allowance = allowance
        try:
            yield allowance
        finally:
            self._local.allowance = None

    def hurry(self, seconds: float) -> None:
        """Leave the request in hand no more than this many seconds from now."""
        allowance: Allowance | None = getattr(self._local, "allowance", None)
        if allowance is not None:
            allowance.deadline_s = min(allowance.deadline_s, self._monotonic() + seconds)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        allowance: Allowance | None = getattr(self._local, "allowance", None)
        name = f"[{host}]" if ":" in host else host
        is_own = f"{name.lower()}:{port}" in self._own
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as exc:
            raise httpcore.ConnectError(f"name not found: {exc}") from exc
        allowed = [address for address in addresses if is_own or is_public_address(address)]
        if not allowed:
            raise AddressRefused(host, f"{host} leads to {', '.join(addresses) or 'no address'}")
        failure: Exception | None = None
        for address in allowed:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._left(timeout), local_address, socket_options or ()
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
                continue
            peer = str(stream.get_extra_info("server_addr")[0])
            if not is_own and not is_public_address(peer):
                stream.close()
                raise AddressRefused(host, f"{host} answered from {peer}")
            if allowance is not None:
                allowance.opened += 1
            return _LimitedStream(stream, self)
        assert failure is not None
        raise failure

    def _left(self, timeout: float | None) -> float | None:
        """Return the time-out, or what is left until the deadline if that is less.  Raises DeadlinePassed."""
        allowance: Allowance | None = getattr(self._local, "allowance", None)
        if allowance is None:
            return timeout
        left = allowance.deadline_s - self._monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left if timeout is None else min(timeout, left)

    def _count(self, read_bytes: int) -> None:
        allowance: Allowance | None = getattr(self._local, "allowance", None)
        if allowance is None:
            return
        allowance.bytes_left -= read_bytes
        if allowance.bytes_left < 0:
            raise TooManyBytes


class _LimitedStream(httpcore.NetworkStream):
    """A connection that counts; a time-out that the deadline cut short is a passed deadline at the next call."""

    def __init__(self, stream: httpcore.NetworkStream, network: Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            received = self._stream.read(max_bytes, self._network._left(timeout))
        except httpcore.ReadTimeout:
            self._network._left(timeout)
            raise
        self._network._count(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._network._left(timeout))
        return _LimitedStream(stream, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
