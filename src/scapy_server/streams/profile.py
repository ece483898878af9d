"""Profiles: the streams of a port under one name, and what can be asked of them together.

Source: docs/profiles.md, "Profiles".
"""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server import limits
from scapy_server.streams.chains import check_compiled
from scapy_server.streams.graph import RateGraph, rate_graph
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Stream
from scapy_server.streams.table import StreamTable

DEFAULT_PROFILE = "_"


class Profile:
    """The streams of one port under one name, in the order of the engine's table."""

    def __init__(self, port: int, name: str = DEFAULT_PROFILE) -> None:
        self.port, self.name = port, name
        self._table = StreamTable()
        self._streams: dict[int, Stream] = {}

    def __iter__(self) -> Iterator[Stream]:
        for stream_id in self._table:
            yield self._streams[stream_id]

    def __len__(self) -> int:
        return len(self._streams)

    def __contains__(self, stream_id: object) -> bool:
        return stream_id in self._streams

    def __getitem__(self, stream_id: int) -> Stream:
        return self._streams[stream_id]

    def check_new(self, stream: Stream, on_port: int | None = None) -> None:
        """Raise StreamRefused unless the stream may be added; `on_port` streams are there."""
        if stream.stream_id in self._streams:
            raise StreamRefused(
                f"there is already a stream of this number in profile {self.name}",
                f"stream {stream.stream_id} already exists in profile_id({self.name})",
                where=(stream.place,),
            )
        count = len(self) if on_port is None else on_port
        if count >= limits.PORT_STREAMS:
            raise StreamRefused(
                f"a port has at most {int(limits.PORT_STREAMS)} streams",
                f"Reached limit of {int(limits.PORT_STREAMS)} streams at the port.",
                where=(stream.place,),
            )

    def add(self, stream: Stream, on_port: int | None = None) -> None:
        """Add a stream; raises StreamRefused as `check_new` does."""
        self.check_new(stream, on_port)
        self._table.add(stream.stream_id)
        self._streams[stream.stream_id] = stream

    def remove(self, stream_id: int) -> Stream:
        """Take a stream out; the order of the others stays. Raises StreamRefused."""
        if stream_id not in self._streams:
            raise StreamRefused(
                f"there is no stream {stream_id} in profile {self.name}",
                f"stream {stream_id} does not exists in profile_id({self.name})",
            )
        self._table.remove(stream_id)
        return self._streams.pop(stream_id)

    def clear(self) -> None:
        """Take all streams out."""
        self._table, self._streams = StreamTable(), {}

    def graph(self, line: float) -> RateGraph:
        """How its rate changes over time on a line of so many bits a second."""
        return rate_graph(list(self), line)

    def validated(self, line: float) -> RateGraph:
        """The graph, if the profile can be started at all; raises StreamRefused.

        Order and texts are those of the RPC's `validate`.
        """
        if not self._streams:
            raise StreamRefused("there are no streams", "no streams attached to port")
        check_compiled(list(self))
        return self.graph(line)
