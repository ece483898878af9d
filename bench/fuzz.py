"""A coverage-guided fuzz of what reads clients' bytes, with Atheris (libFuzzer).

    pip install atheris
    python bench/fuzz.py {framing,dispatcher} [CORPUS] [-max_total_time=60]

`framing` takes the bytes as frames of a message, as the front does; `dispatcher` as a
request to all methods, as a worker does. Any exception is a finding, and any reply that
is no reply. It begins with the calls of the soak test, as chance finds no JSON. Options of
libFuzzer follow the target.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import atheris
import msgspec

from scapy_server import Client
from soak_clients import calls

with atheris.instrument_imports(include=["scapy_server"]):
    from scapy_server.errors import ErrorCode
    from scapy_server.rpc import Dispatcher
    from scapy_server.rpc.envelope import read_request
    from scapy_server.rpc.peek import fingerprint, peek, request_id
    from scapy_server.server.log import wire_text
    from scapy_server.services.packets.loading import load_dispatcher
    from scapy_server.transport.framing import split


_LONG = 2000


def framing(data: bytes) -> None:
    """Frames, parted at 0x00 0xFF."""
    frames = [b"identity", *data.split(b"\0\xff")]
    message = split(frames)
    assert [*message.envelope, *message.body] == frames
    for request in message.body:
        glance = peek(request)
        assert bytes(request_id(request)) == bytes(read_request(request).id)
        assert wire_text(request).isprintable()
        assert wire_text(bytes(glance.id)).isprintable()
        fingerprint(request)


class Requests:
    """Sends requests to all methods; made once, as loading takes a while."""

    def __init__(self) -> None:
        self._dispatcher: Dispatcher = load_dispatcher((), (), ())

    def seeds(self) -> list[bytes]:
        """Requests to begin with, none of them long."""

        def call(method: str, *params: object) -> object:
            result = self._dispatcher.call(method, list(params))
            return msgspec.json.decode(msgspec.json.encode(result))

        here = SimpleNamespace(
            get_all=partial(call, "get_all"), build_pkt=partial(call, "build_pkt")
        )
        requests = [
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            for method, params in calls(cast(Client, here))
        ]
        return [text for request in requests if len(text := json.dumps(request).encode()) < _LONG]

    def __call__(self, data: bytes) -> None:
        reply = self._dispatcher.handle(data)
        assert reply.error is not ErrorCode.UNKNOWN_ERROR, reply.bug
        content = json.loads(reply.data)
        assert content["jsonrpc"] == "2.0"
        assert ("result" in content) != ("error" in content)


def main() -> None:
    """Fuzz the target that is named first."""
    target = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if target not in {"framing", "dispatcher"}:
        sys.exit(__doc__)
    requests = Requests()
    with TemporaryDirectory() as seeds:
        for number, seed in enumerate(requests.seeds()):
            (Path(seeds) / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, seeds], framing if target == "framing" else requests)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
