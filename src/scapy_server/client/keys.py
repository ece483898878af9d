"""The client's CURVE keys, read from the files that `scapy-server keys new` makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import zmq.auth

from scapy_server.private_files import exposure_of

_SERVER = "server"


@dataclass(frozen=True)
class ClientKeys:
    """The public key of the server and the client's own pair, as Z85 text."""

    server: bytes
    public: bytes
    secret: bytes


def load(directory: Path) -> ClientKeys:
    """The keys in a directory: `server.key`, and the one client's `NAME.key_secret`.

    Of several clients' keys, `client.key_secret` is taken. Raises ValueError when there is
    none, or others can read it.
    """
    secrets = [path for path in sorted(directory.glob("*.key_secret")) if path.stem != _SERVER]
    own = next((path for path in secrets if path.stem == "client"), None)
    if own is None:
        if len(secrets) != 1:
            raise ValueError(f"there must be one client's .key_secret in {directory}")
        own = secrets[0]
    try:
        problem = exposure_of(own)
        if problem is not None:
            raise ValueError(problem)
        server, _ = zmq.auth.load_certificate(directory / f"{_SERVER}.key")
        public, secret = zmq.auth.load_certificate(own)
    except OSError as error:
        raise ValueError(f"cannot read the keys in {directory}: {error}") from error
    if secret is None:
        raise ValueError(f"{own} holds no secret key")
    return ClientKeys(server, public, secret)
