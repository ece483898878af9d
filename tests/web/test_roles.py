"""The roles and names that tests and screen readers rely on, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scapy_server.captures.writing import write_capture
from tests.web.chromium import append, button, layer, needs_chromium
from tests.web.trees import dissected_packet

pytestmark = [pytest.mark.browser, needs_chromium]


def test_each_field_row_has_one_control_that_alone_has_its_path(page: Page) -> None:
    append(page, "IP", "TCP")
    append(page, "IP")
    layer(page, "IP:1").wait_for()
    names = [each.get_attribute("aria-label") for each in page.get_by_role("treeitem").all()]
    assert names == ["Ether", "IP", "TCP", "IP:1"]
    rows = page.locator(".field")
    paths = [str(each.get_attribute("data-path")) for each in rows.all()]
    assert "IP:1.src" in paths
    for path in paths:
        row = page.locator(f'.field[data-path="{path}"]')
        expect(row.get_by_role("textbox")).to_have_count(1)
        expect(row.get_by_role("textbox", name=path, exact=True)).to_have_count(1)
    for path in ("TCP.flags", "IP.proto"):
        expect(page.get_by_label(path)).to_have_count(1)


def test_menus_hold_menu_items(page: Page) -> None:
    append(page, "IP")
    layer(page, "IP").get_by_role("button", name="Layer menu").click()
    items = page.get_by_role("menu").get_by_role("menuitem")
    expect(items).to_have_text(
        ["Insert layer before", "Move up", "Delete layer", "Delete with all that follows"]
    )


def test_folders_of_templates_are_called_as_they_are(page: Page) -> None:
    button(page, "Templates").click()
    button(page, "IPv4").click()
    button(page, "IPv4/UDP").click()
    expect(layer(page, "UDP")).to_be_visible()


def test_a_grid_has_a_row_per_packet(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "five.pcap"
    path.write_bytes(write_capture([dissected_packet().frame] * 5))
    button(page, "Open").click()
    with page.expect_file_chooser() as chooser:
        button(page, "Choose file").click()
    chooser.value.set_files(path)
    rows = page.get_by_role("grid", name="Packets").get_by_role("row")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("Ether/IP/UDP")
