"""Lists of streams as the engine's client saves them, in JSON or YAML.

An item is the JSON of a stream, by itself or under "stream" beside "id" or "stream_id" and
"name". Chains are by name ("next"); the RPC's numbers ("next_stream_id") are taken where
there are no names. Streams without a number get the next one, from 1 on, as the client
numbers them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from scapy_server.errors import RefusedError, shown
from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.refusals import stream_place

DEFAULTS: Mapping[str, Any] = {
    "enabled": True,
    "self_start": True,
    "isg": 0.0,
    "flags": 0,
    "action_count": 0,
    "mode": {"type": "continuous", "rate": {"type": "pps", "value": 1}},
    "vm": {"instructions": []},
    "flow_stats": {"enabled": False},
}


def is_profile(content: object) -> bool:
    """Whether a document is a list of streams, or has one."""
    return bool(streams_of(content))


def streams_of(content: object) -> list[dict[str, Any]]:
    """The streams of a list, with what stands beside each; none if it is no list of streams."""
    streams = [_flat(item) for item in _items(content) or ()]
    found = [stream for stream in streams if stream is not None]
    return found if len(found) == len(streams) else []


def read_profile(content: object) -> ProfileDocument:
    """The streams of a document; raises RefusedError, by stream."""
    items = _items(content)
    if items is None:
        raise RefusedError("this is not a list of streams")
    flat = []
    for number, item in enumerate(items):
        stream = _flat(item)
        if stream is None:
            raise RefusedError(
                f'item {number}: a stream is an object with a "packet" that has "binary", '
                f"not {shown(item)}"
            )
        flat.append(stream)
    ids = _numbers(flat)
    names = _names(flat, ids)
    return ProfileDocument(
        tuple(
            Entry(number, _completed(stream, number, names))
            for number, stream in zip(ids, flat, strict=True)
        )
    )


def write_profile(document: ProfileDocument) -> list[dict[str, Any]]:
    """The list that the client loads; streams that others lead to get a name of their own.

    Raises RefusedError for streams of several ports or profiles, which a list cannot tell.
    """
    if not document.single_profile:
        raise RefusedError(
            "these are streams of several ports or profiles, which only an array of requests "
            "(.json) can hold"
        )
    return [{"stream_id": number, **raw} for number, raw in named(document.entries)]


def named(entries: Sequence[Entry]) -> list[tuple[int, dict[str, Any]]]:
    """Streams by number, chained by name as well as by number."""
    names = {entry.stream_id: _name_of(entry.raw) for entry in entries}
    followed = {entry.raw.get("next_stream_id", -1) for entry in entries}
    taken = {name for name in names.values() if name is not None}
    met: set[Any] = set()
    for stream_id, name in list(names.items()):
        if name in met or (name is None and stream_id in followed):
            names[stream_id] = _free_name(stream_id, taken)
        if name is not None:
            met.add(name)
    found = []
    for entry in entries:
        apart = ("name", "next")
        raw = {key: value for key, value in entry.raw.items() if key not in apart}
        if names[entry.stream_id] is not None:
            raw["name"] = names[entry.stream_id]
        following = names.get(raw.get("next_stream_id", -1))
        if following is not None:
            raw["next"] = following
        found.append((entry.stream_id, raw))
    return found


def unnamed(entries: Sequence[Entry]) -> list[str]:
    """What becomes of names and chains in such a list, where that is not the same."""
    found = []
    names = Counter(_name_of(entry.raw) for entry in entries)
    shared = [name for name, times in names.items() if name is not None and times > 1]
    if shared:
        listed = ", ".join(sorted(map(str, shared)))
        found.append(f"that several streams have the name {listed}; all but one get another")
    ids = {entry.stream_id for entry in entries}
    for entry in entries:
        following = entry.raw.get("next_stream_id", -1)
        if following >= 0 and following not in ids:
            place = stream_place(entry.stream_id, entry.raw.get("name"))
            found.append(f"that {place} leads to stream {following}, which there is not")
    return found


def _name_of(raw: Mapping[str, Any]) -> str | int | None:
    """The name, if it is one that the client chains streams by."""
    name = raw.get("name")
    return name if isinstance(name, str | int) and name != "" else None


def _free_name(stream_id: int, taken: set[Any]) -> str:
    name = f"S{stream_id}"
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _items(content: object) -> list[Any] | None:
    if isinstance(content, Mapping):
        content = content.get("streams", [content])
    return list(content) if isinstance(content, list | tuple) and content else None


def _flat(item: object) -> dict[str, Any] | None:
    """The stream of an item, with what stands beside it; None if it is none."""
    if not isinstance(item, Mapping):
        return None
    stream = dict(item)
    inner = stream.pop("stream", None)
    if isinstance(inner, Mapping):
        stream |= inner
    packet = stream.get("packet")
    return stream if isinstance(packet, Mapping) and "binary" in packet else None


def _numbers(streams: Sequence[dict[str, Any]]) -> list[int]:
    """Numbers that are given, and the next ones for the rest."""
    found: list[int | None] = []
    for stream in streams:
        given = [stream.pop(key, None) for key in ("stream_id", "id")]
        number = next((n for n in given if isinstance(n, int) and not isinstance(n, bool)), None)
        if number is not None and not 0 <= number <= 0xFFFFFFFF:
            raise RefusedError(f"stream {number}: its number must fit in 32 bits")
        found.append(number)
    taken = {number for number in found if number is not None}
    numbers, last = [], 0
    for number in found:
        if number is None:
            last += 1
            while last in taken:
                last += 1
        numbers.append(last if number is None else number)
    return numbers


def _names(streams: Sequence[dict[str, Any]], ids: Sequence[int]) -> dict[Any, int]:
    names: dict[Any, int] = {}
    for number, stream in zip(ids, streams, strict=True):
        name = _name_of(stream)
        if name is not None:
            if name in names:
                raise RefusedError(f"there are several streams with the name {shown(name)}")
            names[name] = number
    return names


def _completed(stream: dict[str, Any], number: int, names: Mapping[Any, int]) -> dict[str, Any]:
    """The stream as `add_stream` takes it."""
    raw = {**DEFAULTS, **{key: value for key, value in stream.items() if value is not None}}
    following = raw.get("next")
    if following is not None and following != "":
        if not isinstance(following, str | int) or following not in names:
            known = ", ".join(map(str, names)) or "none"
            raise RefusedError(
                f'{stream_place(number, raw.get("name"))}: "next" is {shown(following)}, and no '
                f"stream has this name; there are {known}"
            )
        raw["next_stream_id"] = names[following]
    raw.setdefault("next_stream_id", -1)
    return raw
