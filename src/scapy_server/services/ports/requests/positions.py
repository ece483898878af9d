"""Where in a JSON text a value stands, for sentences that say so.

Looked for only when something is wrong with the value, so it may take its time.
"""

from __future__ import annotations

import json

import msgspec

_decoder = json.JSONDecoder()
_raw_elements = msgspec.json.Decoder(list[msgspec.Raw])
_SPACE = " \t\n\r"

#: A way into a document: keys of objects and indices of arrays.
Path = tuple[str | int, ...]


def offset_of(text: str, path: Path) -> int:
    """The offset, in bytes, of the value at `path`; the end of the way where it breaks off."""
    position = _skip(text, 0)
    for step in path:
        found = _member(text, position, step)
        if found is None:
            break
        position = found
    return len(text[:position].encode("utf-8", "surrogatepass"))


def elements(text: bytes) -> list[tuple[int, bytes]]:
    """The elements of an array, each with its offset; none of anything else."""
    try:
        raw = _raw_elements.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return []
    found, position = [], 0
    for each in map(bytes, raw):
        position = text.index(each, position)
        found.append((position, each))
        position += len(each)
    return found


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _member(text: str, position: int, step: str | int) -> int | None:
    """Where the member `step` of the container at `position` begins."""
    is_object = text[position : position + 1] == "{"
    if not is_object and text[position : position + 1] != "[":
        return None
    position, index = _skip(text, position + 1), 0
    while position < len(text) and text[position] not in "]}":
        key: str | int = index
        if is_object:
            key, position = _decoder.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
        if key == step:
            return position
        _, position = _decoder.raw_decode(text, position)
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
        index += 1
    return None
