"""What people do in the editor, told in a real browser with roles and accessible names."""

from __future__ import annotations

import base64
import os
import signal
import struct
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from tests.server.processes import descendants
from tests.web.chromium import (
    append,
    button,
    choose_files,
    commit,
    field,
    layer,
    needs_chromium,
    opened,
    pair,
    picture,
    running_editor,
    serious,
)
from tests.web.trees import dissected_packet

pytestmark = [pytest.mark.browser, needs_chromium]

FRAME = dissected_packet().frame


def check_accessible(page: Page, what: str) -> None:
    expect(page.locator(".q-menu[class*=leave-active]")).to_have_count(0)  # it is on its way out
    assert serious(page) == [], what


def test_a_packet_is_made_edited_undone_and_redone(page: Page) -> None:
    append(page, "IP", "TCP")
    expect(page.get_by_label("Packet size")).to_contain_text("54")
    expect(page.locator("[data-offset]")).to_have_count(54)
    commit(page, "IP.ttl", "77")
    expect(pair(page, 22)).to_have_text("4d")
    picture(page, "packet")
    button(page, "Undo").click()
    expect(pair(page, 22)).to_have_text("40")
    expect(field(page, "IP.ttl")).to_have_value("64")
    button(page, "Redo").click()
    expect(field(page, "IP.ttl")).to_have_value("77")


def test_a_refused_value_is_marked_beside_its_sentence(page: Page) -> None:
    append(page, "IP")
    commit(page, "IP.src", "nonsense")
    expect(field(page, "IP.src")).to_have_attribute("aria-invalid", "true")
    expect(layer(page, "IP")).to_contain_text("'nonsense' is not an IPv4 address")
    expect(pair(page, 26)).to_have_text("10")
    button(page, "Dark or light").click()
    expect(page.locator("body.body--dark")).to_be_visible()
    check_accessible(page, "refused, in the dark")
    field(page, "IP.src").press("Escape")
    expect(field(page, "IP.src")).to_have_value("16.0.0.1")


def test_nibbles_are_typed_and_one_undo_takes_a_byte_back(page: Page) -> None:
    append(page, "IP")
    pair(page, 22).click()
    page.keyboard.type("ff")
    expect(pair(page, 22)).to_have_text("ff")
    expect(field(page, "IP.ttl")).to_have_value("255")
    button(page, "Undo").click()
    expect(pair(page, 22)).to_have_text("40")


def test_selection_goes_both_ways(page: Page) -> None:
    append(page, "IP")
    field(page, "IP.src").focus()
    expect(page.locator(".bytes-selected[data-offset]")).to_have_count(4)
    pair(page, 0).click()
    expect(page.locator(".field.selected")).to_contain_text("dst")


def test_the_append_box_finds_by_any_part(page: Page) -> None:
    button(page, "Append layer").click()
    page.keyboard.type("dot1")
    expect(page.get_by_role("option").first).to_contain_text("Dot1")
    page.keyboard.press("Escape")
    append(page, "IP", "IP")
    expect(layer(page, "IP:1")).to_be_visible()
    expect(field(page, "IP:1.src")).to_have_value("16.0.0.1")


def choose(page: Page, owner, menu: str, item: str) -> None:  # type: ignore[no-untyped-def]
    owner.get_by_role("button", name=menu, exact=True).first.click()
    page.get_by_role("menuitem", name=item, exact=True).or_(
        page.locator(".q-item", has_text=item)
    ).first.click()


def field_row(page: Page, path: str):  # type: ignore[no-untyped-def]
    return page.locator(f'.field[data-path="{path}"]')


def test_a_layer_is_put_between_others_and_dragged(page: Page) -> None:
    append(page, "IP", "UDP")
    choose(page, layer(page, "IP"), "Layer menu", "Insert layer before")
    expect(page.get_by_role("searchbox", name="Search layers")).to_be_focused()
    page.keyboard.type("Dot1Q")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem").nth(1)).to_have_attribute("aria-label", "Dot1Q")
    expect(pair(page, 12)).to_have_text("81")
    layer(page, "Dot1Q").locator(".layer-head").drag_to(layer(page, "UDP").locator(".layer-head"))
    expect(page.get_by_role("treeitem").nth(3)).to_have_attribute("aria-label", "Dot1Q")
    button(page, "Undo").click()
    expect(page.get_by_role("treeitem").nth(1)).to_have_attribute("aria-label", "Dot1Q")


def test_records_are_added_moved_and_deleted_in_place(page: Page) -> None:
    append(page, "IP", "UDP", "DNS")
    choose(page, field_row(page, "DNS.an"), "Field menu", "Add a part")
    check_accessible(page, "add a part")
    part = page.locator('input[aria-label="Part"]')
    part.fill("DNSRR(rrname='a.example', rdata='192.0.2.7')")
    part.press("Enter")
    expect(field(page, "DNS.an[0].rdata")).to_have_value("192.0.2.7")
    expect(field(page, "DNS.ancount")).to_have_value("1")
    commit(page, "DNS.an[0].rdata", "192.0.2.8")
    expect(field(page, "DNS.an[0].rdata")).to_have_value("192.0.2.8")
    choose(page, field_row(page, "DNS.an[0]"), "Field menu", "Delete this part")
    expect(field(page, "DNS.ancount")).to_have_value("0")


def test_a_wrong_checksum_is_said_and_mended(page: Page) -> None:
    append(page, "IP")
    commit(page, "IP.chksum", "0x1234")
    problems = page.get_by_role("region", name="Problems")
    expect(problems).to_contain_text("IP.chksum is 0x1234, computed would be 0x3ae8")
    picture(page, "problems")
    check_accessible(page, "problems")
    problems.get_by_role("button", name="Compute", exact=True).click()
    expect(field(page, "IP.chksum")).to_have_value("0x3ae8")
    expect(problems).to_contain_text("No problems")


def test_the_shortcuts_of_the_old_editor(page: Page) -> None:
    page.keyboard.press("Control+l")
    page.keyboard.type("IP")
    page.keyboard.press("Enter")
    expect(layer(page, "IP")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(layer(page, "IP")).to_have_count(0)
    page.keyboard.press("Control+r")
    expect(layer(page, "IP")).to_be_visible()
    page.keyboard.press("Control+d")
    expect(layer(page, "IP")).to_have_count(0)
    with page.expect_download():
        page.keyboard.press("Control+s")
    before = page.url
    page.keyboard.press("Control+n")
    page.wait_for_url(lambda url: "/d/" in url and url != before)


def test_templates_are_one_click_away(page: Page) -> None:
    button(page, "Templates").click()
    check_accessible(page, "templates")
    picture(page, "templates")
    expect(page.get_by_text("IPv6", exact=True).first).to_be_visible()
    page.get_by_role("button", name="TCP-SYN", exact=True).click()
    expect(layer(page, "TCP")).to_be_visible()


def test_a_capture_is_opened_walked_filtered_edited_and_saved(page: Page, tmp_path: Path) -> None:
    frames = [FRAME[:22] + bytes([number % 256]) + FRAME[23:] for number in range(300)]
    path = tmp_path / "trace.pcap"
    path.write_bytes(write_capture(frames))
    button(page, "Open").click()
    check_accessible(page, "open")
    with page.expect_file_chooser() as chooser:
        button(page, "Choose file").click()
    chooser.value.set_files(path)
    grid = page.get_by_role("grid", name="Packets")
    expect(grid).to_be_visible()
    expect(grid.get_by_role("row").nth(1)).to_contain_text("Ether/IP/UDP")
    grid.get_by_role("row").nth(2).click()
    expect(field(page, "IP.ttl")).to_have_value("2")
    commit(page, "IP.ttl", "99")
    expect(pair(page, 22)).to_have_text("63")
    grid.get_by_role("row").nth(0).click()
    expect(field(page, "IP.ttl")).to_have_value("0")
    grid.get_by_role("row").nth(2).click()
    expect(field(page, "IP.ttl")).to_have_value("99")
    page.get_by_text("Edit all that are shown, compare two").click()
    page.get_by_label("Field to set").fill("IP.tos")
    page.get_by_label("Value to set").fill("4")
    button(page, "Count").click()
    expect(page.get_by_text("300 of 300 packets have IP.tos")).to_be_visible()
    button(page, "Set").click()
    expect(page.get_by_text("300 changed, 300 have IP.tos, 0 do not")).to_be_visible()
    button(page, "Undo").click()
    expect(field(page, "IP.tos")).to_have_value("0x0")
    picture(page, "capture")
    check_accessible(page, "capture")
    page.get_by_label("Filter packets").fill("IP.ttl < 3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("5 of 300")).to_be_visible()
    with page.expect_download() as download:
        button(page, "Save").click()
    saved = read_capture(Path(str(download.value.path())).read_bytes())
    expected = [
        frame if number != 2 else frame[:22] + b"\x63" + frame[23:]
        for number, frame in enumerate(frames)
    ]
    assert [record.data for record in saved] == expected
    assert [record.time_ns for record in saved] == [1000 * number for number in range(300)]


def test_what_is_typed_at_once_goes_to_the_packet_that_was_chosen(
    page: Page, tmp_path: Path
) -> None:
    paths = [tmp_path / "three.pcap", tmp_path / "eight.pcap"]
    for path, count in zip(paths, (3, 8), strict=True):
        path.write_bytes(write_capture([FRAME] * count))
    choose_files(page, *paths)
    rows = page.get_by_role("grid", name="Packets").get_by_role("row")
    expect(rows).to_have_count(8)
    expect(page.get_by_role("navigation", name="Documents")).to_contain_text("three.pcap")
    for number in range(1, 8):
        rows.nth(number).click()
        commit(page, "IP.ttl", str(100 + number))
    with page.expect_download() as download:
        button(page, "Save").click()
    saved = read_capture(Path(str(download.value.path())).read_bytes())
    assert [record.data[22] for record in saved] == [64, *range(101, 108)]


def test_nothing_is_done_to_the_document_before_a_new_one(page: Page) -> None:
    append(page, "IP")
    before = page.url
    button(page, "New").click()
    button(page, "Append layer").click()
    page.keyboard.type("ARP")
    page.keyboard.press("Enter")
    expect(layer(page, "ARP")).to_be_visible()
    assert page.url != before
    button(page, "Undo").click()
    expect(page.get_by_role("treeitem")).to_have_count(1)
    expect(button(page, "Undo")).to_be_disabled()


def test_dropped_files_are_opened(page: Page) -> None:
    content = list(struct.unpack(f"{len(FRAME)}B", FRAME))
    page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            const text = bytes.map(byte => byte.toString(16).padStart(2, "0")).join("");
            data.items.add(new File([text], "dropped.hex"));
            const target = document.querySelector(".panes");
            for (const kind of ["dragover", "drop"])
                target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true }));
        }""",
        content,
    )
    expect(layer(page, "UDP")).to_be_visible()
    expect(page.locator("[data-offset]")).to_have_count(len(FRAME))


def test_code_and_stream_are_there(page: Page) -> None:
    append(page, "IP")
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_text("static const unsigned char packet[34]")).to_be_visible()
    check_accessible(page, "code")
    picture(page, "code")
    page.get_by_role("tab", name="Stream").click()
    expect(page.get_by_role("region", name="Preview")).to_be_visible()
    check_accessible(page, "stream")
    picture(page, "stream")


def test_a_field_is_varied_in_one_step(page: Page) -> None:
    append(page, "IP", "UDP")
    row = page.locator(".field", has=field(page, "IP.dst"))
    row.get_by_role("button", name="Field menu").click()
    page.get_by_role("menuitem", name="Vary in the stream").or_(
        page.get_by_text("Vary in the stream", exact=True)
    ).first.click()
    page.get_by_role("tab", name="Stream").click()
    expect(page.get_by_text("STLVmFixChecksumHw").first).to_be_visible()
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("IP.dst = 48.0.0.2")
    picture(page, "stream-varied")


def test_a_profile_is_opened_paced_drawn_and_saved(page: Page, tmp_path: Path) -> None:
    packet = {"binary": base64.b64encode(FRAME).decode()}
    burst = {"type": "single_burst", "rate": {"type": "pps", "value": 100}, "total_pkts": 50}
    streams = [
        {"name": "first", "packet": packet, "mode": burst, "next": "second"},
        {"name": "second", "packet": packet, "mode": burst, "self_start": False},
    ]
    path = tmp_path / "two.yaml"
    path.write_text(yaml.safe_dump(streams))
    choose_files(page, path)
    rows = page.get_by_role("grid", name="Packets").get_by_role("row")
    expect(rows.nth(0)).to_contain_text("first, 50 packets, 100 pps, then stream 2")
    page.get_by_role("tab", name="Stream").click()
    pace = page.get_by_role("region", name="Pace")
    pace.get_by_label("rate", exact=True).fill("200")
    pace.get_by_label("rate", exact=True).press("Enter")
    expect(rows.nth(0)).to_contain_text("first, 50 packets, 200 pps")
    timeline = page.get_by_role("region", name="Timeline")
    timeline.get_by_role("button", name="Draw").click()
    expect(timeline).to_contain_text("100 packets in")
    expect(timeline.get_by_role("img")).to_be_visible()
    timeline.get_by_role("img").scroll_into_view_if_needed()
    picture(page, "profile")
    check_accessible(page, "profile")
    with page.expect_download() as download:
        button(page, "Save").click()
    saved = yaml.safe_load(Path(str(download.value.path())).read_text())
    assert [each["mode"]["rate"]["value"] for each in saved] == [200, 100]
    assert [each["name"] for each in saved] == ["first", "second"]


def test_the_palette_does_everything_that_has_a_name(page: Page) -> None:
    append(page, "IP")
    field(page, "Ether.dst").focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Command")).to_be_focused()
    check_accessible(page, "palette")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox", name="Command")).to_have_count(0)
    page.keyboard.press("Control+k")  # and on at once, before it is there
    page.keyboard.type("edit ip.ttl")
    page.keyboard.press("Enter")
    expect(field(page, "IP.ttl")).to_be_focused()
    expect(field(page, "Ether.dst")).to_have_value("00:00:00:01:00:00")


def test_two_pages_show_one_document(page: Page, browser: Browser) -> None:
    append(page, "IP")
    other = opened(browser, page.url)
    commit(page, "IP.ttl", "5")
    expect(field(other, "IP.ttl")).to_have_value("5")
    commit(other, "IP.tos", "8")
    expect(pair(page, 15)).to_have_text("08")
    other.close()


def test_three_sessions_edit_one_document_while_the_server_is_killed(
    browser: Browser, tmp_path: Path
) -> None:
    with running_editor(tmp_path) as editor:
        first = opened(browser, editor.address)
        append(first, "IP", "UDP")
        pages = [first, *(opened(browser, first.url) for _ in range(2))]
        edits = [("IP.ttl", "9"), ("UDP.dport", "4000"), ("Ether.src", "02:00:00:00:00:09")]
        for process in descendants(editor.process_id):
            with suppress(ProcessLookupError):  # it ends by itself when its parent does
                os.kill(process, signal.SIGKILL)
        for page, (path, text) in zip(pages, edits, strict=True):
            commit(page, path, text)
        for page in pages:
            for path, text in edits:
                expect(field(page, path)).to_have_value(text)
            page.close()


def test_what_packets_hold_is_never_markup(page: Page) -> None:
    append(page, "IP", "UDP", "Raw")
    hostile = (
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    )
    commit(page, "Raw.load", hostile)
    expect(page.get_by_label("Packet size")).to_contain_text(str(42 + len(hostile)))
    for tab in ("Code", "Stream", "Packet"):
        page.get_by_role("tab", name=tab).click()
    assert page.locator("img[src=x]").count() == 0
    assert page.title() == "Scapy Server"


def test_other_sites_cannot_drive_it(address: str) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        request = urllib.request.Request(address, headers=headers)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request)


def test_changes_outlive_the_page_the_server_and_the_editor(
    browser: Browser, tmp_path: Path
) -> None:
    with running_editor(tmp_path) as editor:
        page = opened(browser, editor.address)
        append(page, "IP")
        for process in descendants(editor.process_id):
            with suppress(ProcessLookupError):  # it ends by itself when its parent does
                os.kill(process, signal.SIGKILL)
        commit(page, "IP.ttl", "33")
        expect(pair(page, 22)).to_have_text("21")
        page.reload()
        expect(field(page, "IP.ttl")).to_have_value("33")
        page.close()
    with running_editor(tmp_path) as editor:
        page = opened(browser, editor.address)
        expect(field(page, "IP.ttl")).to_have_value("33")
        page.close()
