"""Which profiles the engine does not compile: for their chains, or for a program.

It compiles the measured (sequenced) streams and all others as two sets, the others first, so
that a chain that leads from one set into the other is seen as broken in either.

Source: docs/profiles.md, "What is refused".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Continuous, Stream
from scapy_server.streams.table import StreamTable


def check_compiled(streams: Sequence[Stream]) -> None:
    """Raise StreamRefused for what keeps a profile from being compiled.

    `streams` are a profile's, in the table's order, disabled ones as well.
    """
    check_chains(streams)
    for sequenced in (False, True):
        for stream in streams:
            if stream.enabled and stream.is_sequenced == sequenced and stream.fault is not None:
                raise stream.fault


def check_chains(streams: Sequence[Stream]) -> None:
    """Raise StreamRefused for the first chain that cannot be compiled.

    `streams` are a profile's, in the table's order, disabled ones as well.
    """
    by_id = {stream.stream_id: stream for stream in streams}
    for sequenced in (False, True):
        _check_set([s for s in streams if s.enabled and s.is_sequenced == sequenced], by_id)


def _check_set(streams: Sequence[Stream], by_id: Mapping[int, Stream]) -> None:
    for stream in streams:
        if stream.next_id is not None:
            _check_next(stream, by_id)
    reached = _reachable(streams)
    lost = [stream for stream in _as_compiled(streams) if stream.stream_id not in reached]
    if lost:
        lines = "".join(
            f"stream {stream.stream_id} is unreachable from any other stream\n" for stream in lost
        )
        raise StreamRefused(
            "it neither starts by itself nor follows a stream that does",
            f"error: {lines}",
            where=(", ".join(s.place for s in lost),),
        )


def _as_compiled(streams: Sequence[Stream]) -> list[Stream]:
    """The streams in the order of the table of its own that the engine's compiler keeps."""
    own, table = {stream.stream_id: stream for stream in streams}, StreamTable()
    for stream_id in own:
        table.add(stream_id)
    return [own[stream_id] for stream_id in table]


def _check_next(stream: Stream, by_id: Mapping[int, Stream]) -> None:
    own, target = stream.stream_id, stream.next_id
    following = None if target is None else by_id.get(target)
    kind, other = (
        ("Sequenced", "non-sequenced")
        if stream.is_sequenced
        else (
            "Non-sequenced",
            "sequenced",
        )
    )
    problem = text = None
    if isinstance(stream.mode, Continuous):
        problem = f"it never ends, so that stream {target} cannot follow it"
        text = f"continous stream '{own}' cannot point to another stream"
    elif following is None:
        problem = f'"next_stream_id": there is no stream {target}'
        text = f"stream {own} is pointing to a non-existent stream {target}"
    elif not following.enabled:
        problem = f'"next_stream_id": stream {target} is disabled'
        text = f"stream {own} is pointing to disabled stream {target}"
    elif following.is_sequenced != stream.is_sequenced:
        problem = f'"next_stream_id": of this stream and {target} only one is a latency stream'
        text = (
            f"{kind} stream {own} is pointing to a {other} stream {target} (mixing is not allowed)"
        )
    elif following.core_id != stream.core_id:
        problem = f'"core_id" must be that of stream {target}, which follows'
        text = (
            f"stream {own} points at stream {target}, hence they must be pinned to the same core."
        )
    if problem:
        where = (stream.place,)
        raise StreamRefused(problem, f"error: {text}", where=where)


def _reachable(streams: Sequence[Stream]) -> set[int]:
    """The ids that walks from the streams that start by themselves come by."""
    own = {stream.stream_id: stream for stream in streams}
    met: set[int] = set()
    for root in streams:
        stream: Stream | None = root if root.self_start else None
        while stream is not None and stream.stream_id not in met:
            met.add(stream.stream_id)
            stream = None if stream.next_id is None else own.get(stream.next_id)
    return met
