"""The editor in a process that tells what it holds: a line of JSON for each line it is sent.

    python -m tests.web.counting web --port 8080 …

Counts, and not bytes: what a page or an edit leaves behind for good is an object too many.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
from collections import Counter

from nicegui import Client
from nicegui.element import Element

from scapy_server.cli import main
from scapy_server.desk.document import Document
from scapy_server.desk.packet import Packet
from scapy_server.web.editor import EditorPage
from scapy_server.web.link import Link
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened, Shelf

COUNTED = (Client, Document, EditorPage, Element, Seat)
TELLING = (Link, Opened, Shelf)


def counts() -> dict[str, int]:
    """How many there are of each, the listeners of all, and the packets with a field tree."""
    gc.collect()
    found: Counter[str] = Counter()
    for each in gc.get_objects():
        for kind in COUNTED:
            found[kind.__name__] += isinstance(each, kind)
        if isinstance(each, TELLING):
            found["listeners"] += len(each._listeners)
        if isinstance(each, Packet) and each.layers:
            found["trees"] += 1
    return dict(found)


def _answer() -> None:
    for _ in sys.stdin:
        print(json.dumps(counts()), flush=True)


if __name__ == "__main__":
    threading.Thread(target=_answer, daemon=True).start()
    main()
