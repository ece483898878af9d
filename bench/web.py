"""The editor in a real browser: how long a person waits, and what the process grows by.

    python bench/web.py [--edits 1000] [--loads 100] [--megabytes 100]

Needs Chromium and the group `dev`. Each line says what was measured and its bound; the last
ones are the resident memory of the editor's process, once it is warm and in the end.
"""

from __future__ import annotations

import argparse
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.web.chromium import RunningEditor, browser, opened, running_editor

LAYERS = ("IP", "UDP", "VXLAN", "Ether", "IP", "TCP", "Raw")
#: What the first edits and pages load once and for all is not growth.
WARM = 50


def append(page: Page, layer: str) -> None:
    """Append a layer and wait until it is there."""
    before = page.get_by_role("treeitem").count()
    page.get_by_role("button", name="Append layer", exact=True).click()
    page.keyboard.type(layer)
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem")).to_have_count(before + 1)


def edit(page: Page, number: int) -> float:
    """Set a field and wait for its byte on the screen; seconds."""
    value = 1 + number % 250
    field = page.get_by_role("textbox", name="IP.ttl", exact=True)
    pair = page.locator('[data-offset="22"]')
    field.fill(str(value))
    start = time.perf_counter()
    field.press("Enter")
    expect(pair).to_have_text(f"{value:02x}")
    return time.perf_counter() - start


def resident(editor: RunningEditor) -> float:
    """The memory of the editor's process in MiB."""
    for line in Path(f"/proc/{editor.process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the editor has ended")


def capture(megabytes: int) -> Iterator[bytes]:
    """A pcap file of so many megabytes, in parts."""
    yield struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    frame = bytes.fromhex("00000001000000000002000008004500001c00010000401100000a0000010a000002")
    frame += bytes.fromhex("0009000900080000") + bytes(958)
    record = struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame
    for _ in range(megabytes):
        yield record * (1_000_000 // len(record))


def open_capture(page: Page, megabytes: int) -> float:
    """Open a capture of so many megabytes; seconds until its first packets are shown."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        for part in capture(megabytes):
            file.write(part)
        file.flush()
        page.get_by_role("button", name="Open", exact=True).click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose file", exact=True).click()
        start = time.perf_counter()
        chooser.value.set_files(file.name)
        row = page.get_by_role("grid", name="Packets").get_by_role("row").nth(1)
        expect(row).to_contain_text("Ether/IP/UDP", timeout=120_000)
        return time.perf_counter() - start


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--loads", type=int, default=100)
    parser.add_argument("--megabytes", type=int, default=100)
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as directory,
        browser() as running,
        running_editor(Path(directory)) as editor,
    ):
        page = opened(running, editor.address)
        start = time.perf_counter()
        page.reload()
        page.get_by_role("tree", name="Layers").wait_for()
        print(f"first page, warm      {time.perf_counter() - start:6.2f} s    (2 s)")
        for layer in LAYERS:
            append(page, layer)
        times = [edit(page, number) for number in range(WARM)]
        before = resident(editor)
        times += [edit(page, number) for number in range(wanted.edits)]
        median = 1000 * statistics.median(times)
        print(
            f"edit to screen        {median:6.0f} ms   (100 ms, median, {len(LAYERS) + 1} layers)"
        )
        for _ in range(wanted.loads):
            page.reload()
            page.get_by_role("tree", name="Layers").wait_for()
        grown = f"{before:.0f} -> {resident(editor):.0f} MiB"
        print(f"memory                {grown} over {wanted.edits} edits, {wanted.loads} loads")
        if wanted.megabytes:
            seconds = open_capture(page, wanted.megabytes)
            print(f"capture of {wanted.megabytes} MB     {seconds:6.2f} s    (5 s, to its packets)")


if __name__ == "__main__":
    main()
