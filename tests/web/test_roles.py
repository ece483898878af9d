"""The roles and names that tests and screen readers rely on, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scapy_server.captures.writing import write_capture
from tests.web.chromium import (
    append,
    button,
    choose_files,
    commit,
    field,
    layer,
    needs_chromium,
    serious,
)
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
    choose_files(page, path)
    rows = page.get_by_role("grid", name="Packets").get_by_role("row")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("Ether/IP/UDP")
    button(page, "Dark or light").click()
    expect(page.locator("body.body--dark")).to_be_visible()
    assert serious(page) == []


def test_lists_hold_options_alone(page: Page) -> None:
    append(page, "IP")
    field(page, "IP.proto").fill("t")
    expect(page.get_by_role("listbox", name="Values").get_by_role("option")).to_have_count(12)
    assert serious(page) == []
    field(page, "IP.proto").press("Escape")
    page.get_by_role("tab", name="Stream").click()
    page.get_by_label("Field to vary").click()
    page.keyboard.type("IP.ds")
    expect(page.get_by_role("option")).to_have_text(["IP.dst"])
    assert serious(page) == []
    page.get_by_role("option", name="IP.dst").click()
    button(page, "Vary this field").click()
    expect(button(page, "Writes dst to IP.dst (byte 30).")).to_be_visible()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("IP.dst = 48.0.0.2")


def test_tab_leads_from_field_to_field_and_arrows_to_layers_too(page: Page) -> None:
    append(page, "IP")
    layer(page, "Ether").focus()
    for name in ("Ether.dst", "Ether.src", "Ether.type"):
        page.keyboard.press("Tab")
        expect(field(page, name)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(layer(page, "IP")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(field(page, "Ether.type")).to_be_focused()
    page.keyboard.press("Tab")
    expect(field(page, "IP.version")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(layer(page, "IP")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("menuitem", name="Delete layer")).to_be_visible()


def test_all_bytes_of_a_packet_are_there_in_order(page: Page) -> None:
    append(page, "IP", "UDP", "Raw")
    commit(page, "Raw.load", "x" * 8958)
    pairs = page.get_by_role("region", name="Bytes").locator("[data-offset]")
    expect(pairs).to_have_count(9000)
    offsets = pairs.evaluate_all("all => all.map(each => Number(each.dataset.offset))")
    assert offsets == list(range(9000))
    assert bytes.fromhex("".join(pairs.all_text_contents()))[42:] == 8958 * b"x"
