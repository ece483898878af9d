"""What pages and edits leave behind in the editor: nothing, however many there were."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from scapy_server import limits
from tests.running import PATIENCE
from tests.web.chromium import (
    RunningEditor,
    append,
    browser,
    commit,
    counted_editor,
    needs_chromium,
    opened,
    pair,
)

pytestmark = [pytest.mark.browser, needs_chromium]

PAGES = 5
EDITS = 3 * limits.EDITOR_FRESH_STEPS
A_FEW = 10
ONE_PAGE = {"Client": 1, "EditorPage": 1, "Seat": 1, "Document": 1}


def settled(page: Page, editor: RunningEditor, wanted: dict[str, int]) -> dict[str, int]:
    """What the editor holds, once that is among it and stays, or it has had its time for that.

    A page that was left goes in steps: its client first, what it showed when its last task ended.
    """
    found: dict[str, int] = {}
    for _ in range(10 * int(PATIENCE)):
        before, found = found, editor.counts()
        if found == before and found.items() >= wanted.items():
            break
        page.wait_for_timeout(100)
    return found


def within(page: Page, editor: RunningEditor, most: dict[str, int]) -> dict[str, int]:
    """What the editor holds, once that is no more than this, or it has had its time for that."""
    found = editor.counts()
    for _ in range(10 * int(PATIENCE)):
        if all(found[kind] <= count for kind, count in most.items()):
            break
        page.wait_for_timeout(100)
        found = editor.counts()
    return found


def test_pages_and_edits_leave_nothing_behind(tmp_path: Path) -> None:
    with browser() as running, counted_editor(tmp_path) as editor:
        page = opened(running, editor.address)
        append(page, "IP", "UDP")
        page.reload()
        page.get_by_role("tree", name="Layers").wait_for()
        first = settled(page, editor, ONE_PAGE)  # the one before the reload has left
        for _ in range(PAGES):
            page.reload()
            page.get_by_role("tree", name="Layers").wait_for()
            other = opened(running, page.url)
            other.close()
        assert settled(page, editor, first) == first
        assert first.items() >= ONE_PAGE.items()
        for number in range(EDITS):
            commit(page, "IP.ttl", str(1 + number))
            pair(page, 22).get_by_text(f"{1 + number:02x}", exact=True).wait_for()
        most = {**first, "trees": 2 * limits.EDITOR_FRESH_STEPS + 2}
        most["Element"] += A_FEW  # what is said of the packet
        after = within(page, editor, most)
        assert {kind: after[kind] for kind in most if after[kind] > most[kind]} == {}
