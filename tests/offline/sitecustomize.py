"""Cuts the network off, loopback excepted, in any Python that starts with this folder on PYTHONPATH.

conftest.py puts it there, so the programs that tests start are cut off as well. A refused attempt raises
OSError, as on a machine without a network, and is written to the file that PRESEND_TEST_ATTEMPTS names:
a library that swallows the error is found out all the same.
"""

from __future__ import annotations

import ipaddress
import os
import socket

NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", ""}


def _is_local(host: object) -> bool:
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if host is None or host in NAMES or host == socket.gethostname():
        return True
    try:
        return (address := ipaddress.ip_address(host)).is_loopback or address.is_unspecified
    except ValueError:
        return False


def _refuse(host: object) -> None:
    if path := os.environ.get("PRESEND_TEST_ATTEMPTS"):
        with open(path, "a", encoding="utf-8") as record:
            record.write(f"{host}\n")
    raise OSError(f"tests have no network; something tried to reach {host!r}")


def cut_off() -> None:
    """Replace the ways out of the socket module by ones that know loopback only."""
    resolve, connect, connect_ex, sendto = socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto

    def getaddrinfo(host, *args, **kwargs):
        return resolve(host, *args, **kwargs) if _is_local(host) else _refuse(host)

    def guarded(original):
        def call(self, *args):
            address = args[-1]
            if isinstance(address, tuple) and not _is_local(address[0]):
                _refuse(address[0])
            return original(self, *args)

        return call

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = guarded(connect)
    socket.socket.connect_ex = guarded(connect_ex)
    socket.socket.sendto = guarded(sendto)


cut_off()
