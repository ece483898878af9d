"""Where programs may be with which ports exchange frames, and where captures may be written to.

The server connects to no other place that a client asks for, and looks no name up.
"""

from __future__ import annotations

import ipaddress
import os.path
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scapy_server.services.ports.plane.line import LineError

_FILES = re.compile(r"file://(/[^\0]*)")
_IPC = re.compile(r"ipc://(/[^\0]*)")
_TCP = re.compile(r"tcp://\[?([0-9a-fA-F:.]+?)\]?:([0-9]{1,5})")
_PLACE = re.compile(r"tcp://\[?([0-9a-fA-F:.]+?)\]?")
#: A socket's path has room for so many bytes (unix(7), "Pathname sockets").
_LONGEST_PATH = 107
_LARGEST_PORT = 65_535


@dataclass(frozen=True)
class Places:
    """Directories with sockets, addresses of hosts, and directories for captures."""

    directories: frozenset[PurePosixPath] = frozenset()
    hosts: frozenset[str] = frozenset()
    captures: tuple[Path, ...] = ()

    def file(self, name: str) -> Path | None:
        """Where a file or directory of that name is in one of the directories, None if nowhere.

        What is no whole path is one in the first of them.
        """
        if "\0" in name:
            return None
        for directory in self.captures:
            for path in (Path(name), Path("/", name), directory / name):
                whole = path.parent.resolve() / path.name
                if path.is_absolute() and whole.resolve().is_relative_to(directory):
                    return whole
        return None

    def allows(self, endpoint: str) -> bool:
        """Whether an endpoint is in one of the places."""
        if found := _IPC.fullmatch(endpoint):
            path = found[1]
            parents = PurePosixPath(path).parents
            is_plain = os.path.normpath(path) == path and len(os.fsencode(path)) <= _LONGEST_PATH
            return is_plain and not self.directories.isdisjoint(parents)
        if found := _TCP.fullmatch(endpoint):
            return 0 < int(found[2]) <= _LARGEST_PORT and _host(found[1]) in self.hosts
        return False


def read_places(words: Sequence[str]) -> Places:
    """The places that an operator names; LineError says what is none."""
    directories, hosts, captures = set(), set(), []
    for word in words:
        if found := _IPC.fullmatch(word):
            directories.add(PurePosixPath(os.path.normpath(found[1])))
        elif (found := _PLACE.fullmatch(word)) and (host := _host(found[1])):
            hosts.add(host)
        elif found := _FILES.fullmatch(word):
            captures.append(Path(found[1]).resolve())
        else:
            raise LineError(
                f"{word!r} is no place for capture ports and captures; those are "
                "ipc:///DIRECTORY, for sockets in a directory, tcp://ADDRESS, for all ports of a "
                "host, and file:///DIRECTORY, for files in a directory"
            )
    return Places(frozenset(directories), frozenset(hosts), tuple(captures))


def _host(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
