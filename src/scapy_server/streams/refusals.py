"""What the traffic engine refuses, in our words and in its own."""

from __future__ import annotations

from scapy_server.errors import RefusedError

#: Where a value stands in a JSON document: names of members and numbers of items.
Path = tuple[str | int, ...]


class StreamRefused(RefusedError):
    """The engine would refuse a stream, a profile or a command.

    `problem` and `where` are for people. `engine_text` is the engine's own sentence, which
    clients of its RPC print; it says nothing of the byte where a mistyped value stands, and
    `path` tells how to find that. `parameter` is true where the engine's RPC calls it a bad
    parameter (-32602 there) rather than a command that failed (-32000).

    Source: docs/profiles.md, "What is refused".
    """

    def __init__(
        self,
        problem: str,
        engine_text: str,
        *,
        where: tuple[str, ...] = (),
        path: Path = (),
        parameter: bool = False,
    ) -> None:
        super().__init__(problem, where)
        self.engine_text = engine_text
        self.path = path
        self.parameter = parameter


def stream_place(stream_id: int, name: object = None) -> str:
    """How refusals and warnings name a stream."""
    return f"stream {stream_id}" + (f" ({name})" if isinstance(name, str) and name else "")
