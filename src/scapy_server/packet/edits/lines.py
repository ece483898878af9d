"""Header lines, as HTTP, RTSP and SIP have them: a name, a colon, a value, the line's end."""

from __future__ import annotations

_END = b"\r\n"


def line_around(own: bytes, at: int) -> tuple[int, int] | None:
    """Where the header line begins and ends that byte `at` stands in, None if it is none."""
    start = own.rfind(_END, 0, at) + len(_END)
    end = own.find(_END, at)
    if start < len(_END) or end < 0 or b":" not in own[start:at]:
        return None
    return start, end + len(_END)


def place_for_line(own: bytes) -> int | None:
    """Where another header line belongs: before the empty one."""
    end = own.find(_END + _END)
    return None if end < 0 else end + len(_END)


def line(name: str, value: bytes) -> bytes:
    """A header line."""
    return name.encode() + b": " + value + _END
