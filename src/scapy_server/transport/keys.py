"""CURVE keys in files: made, and read by the server.

A directory holds the files of one service, in the format of `zmq.auth`:

    server.key_secret   the server's; stays where the server runs
    server.key          every client needs it, to know the server
    NAME.key            of a client; the server lets in those that it has
    NAME.key_secret     of a client; stays with that client
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import zmq.auth
from zmq.utils import z85

from scapy_server.private_files import exposure_of
from scapy_server.transport.zmtp.curve import CurveKeys

SERVER = "server"
_SECRET = ".key_secret"
_PUBLIC = ".key"


class KeyFileError(Exception):
    """Keys that cannot be made or used, and why: one line for the operator."""


def make(directory: Path, clients: list[str]) -> list[Path]:
    """Make key files for the server, unless it has some, and for these clients.

    Gives the new files. Raises KeyFileError rather than overwrite one.
    """
    previous = os.umask(0o077)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        names = [] if (directory / f"{SERVER}{_SECRET}").exists() else [SERVER]
        names += clients
        for name in names:
            _check_name(name)
            for suffix in (_PUBLIC, _SECRET):
                if (directory / f"{name}{suffix}").exists():
                    raise KeyFileError(f"{directory / name}{suffix} exists already")
        return [
            Path(path) for name in names for path in zmq.auth.create_certificates(directory, name)
        ]
    except OSError as error:
        raise KeyFileError(f"cannot make keys in {directory}: {error.strerror or error}") from error
    finally:
        os.umask(previous)


def load(directory: Path) -> CurveKeys:
    """The keys of a server.

    KeyFileError when there are none, or others could read them or add to them.
    """
    _check_unshared(directory)
    secret_file = directory / f"{SERVER}{_SECRET}"
    public, secret = _pair(secret_file)
    if secret is None:
        raise KeyFileError(f"{secret_file} holds no secret key")
    clients = [
        _pair(path)[0]
        for path in sorted(directory.glob(f"*{_PUBLIC}"))
        if path.name != f"{SERVER}{_PUBLIC}"
    ]
    if not clients:
        raise KeyFileError(
            f"there is no client's key in {directory}, so nobody could connect; "
            f"make one with: scapy-server keys new {directory}"
        )
    return CurveKeys(
        z85.decode(public), z85.decode(secret), frozenset(z85.decode(key) for key in clients)
    )


def _check_name(name: str) -> None:
    if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 64:
        raise KeyFileError(f"{name!r} is no name for key files: letters, digits, - and _")


def _pair(path: Path) -> tuple[bytes, bytes | None]:
    try:
        if path.name.endswith(_SECRET):
            _check_private(path)
        return zmq.auth.load_certificate(path)
    except OSError as error:
        raise KeyFileError(f"cannot read the key file {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise KeyFileError(f"{path} is not a key file: {error}") from error


def _check_unshared(directory: Path) -> None:
    """Who can write to the directory can let anybody in."""
    try:
        found = directory.stat()
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeyFileError(f"cannot read the keys in {directory}: {reason}") from error
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o022:
        raise KeyFileError(
            f"{directory} can be written by others (mode {mode:04o}); run: chmod go-w {directory}"
        )
    if found.st_uid not in {0, os.geteuid()}:
        raise KeyFileError(f"{directory} belongs to somebody else (user {found.st_uid})")


def _check_private(path: Path) -> None:
    problem = exposure_of(path)
    if problem is not None:
        raise KeyFileError(problem)
