"""How documents come and go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nicegui import core

from scapy_server import limits
from scapy_server.captures.writing import write_capture
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.web import documents as documents_module
from scapy_server.web.documents import Documents, Failure
from scapy_server.web.drafts import Drafts
from scapy_server.web.own_templates import OwnTemplates
from scapy_server.web.shelf import Shelf
from scapy_server.web.work import Work, Works
from tests.captures.files import classic, whole
from tests.running import PATIENCE
from tests.web.panes.shown import HereLink, here
from tests.web.simulated import until
from tests.web.trees import built_packet

Story = Callable[[Documents, HereLink], Awaitable[None]]


def documents_in(directory: Path) -> tuple[Documents, HereLink]:
    link, as_link = here()
    own, drafts = OwnTemplates(directory), Drafts(directory / "drafts")
    return Documents(Shelf(), as_link, own, drafts), link


def tell(story: Story, directory: Path) -> None:
    async def telling() -> None:
        core.loop = asyncio.get_running_loop()
        await asyncio.wait_for(story(*documents_in(directory)), PATIENCE)

    asyncio.run(telling())


def ids(document: Document) -> list[str]:
    return [str(layer["id"]) for layer in document.packet.layers]


def test_a_new_one_has_an_ethernet_header_and_a_name_of_its_own(tmp_path: Path) -> None:
    async def story(documents: Documents, link: HereLink) -> None:
        made = [(await documents.new()).document for _ in range(3)]
        assert [document.name for document in made] == ["Untitled", "Untitled 2", "Untitled 3"]
        assert ids(made[0]) == ["Ether"]
        assert not made[0].history.changed

    tell(story, tmp_path)


@pytest.mark.parametrize("text", ["Ether()/IP()", '[{"id": "Ether"}, {"id": "IP"}]'])
def test_texts(text: str, tmp_path: Path) -> None:
    async def story(documents: Documents, link: HereLink) -> None:
        assert ids((await documents.from_text("it", text)).document) == ["Ether", "IP"]
        opened = await documents.from_file("dir\\it.txt", text.encode())
        assert (opened.document.name, ids(opened.document)) == ("it.txt", ["Ether", "IP"])
        with pytest.raises(Failure):
            await documents.from_text("it", "Nope()")
        assert len(documents.shelf) == 2

    tell(story, tmp_path)


def test_the_rest_of_a_long_capture_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_module, "FIRST_PACKETS", 3)
    content = write_capture([built_packet().frame] * 10)

    async def story(documents: Documents, link: HereLink) -> None:
        opened = await documents.from_file("../../etc/ten.pcap", content)
        assert (opened.document.name, len(opened.document)) == ("ten.pcap", 3)
        await until(lambda: len(opened.document) == 10)
        assert opened.note is None
        cut = await documents.from_file("cut.pcap", content[:-50])
        await until(lambda: cut.note is not None)
        assert len(cut.document) == 9
        assert str(cut.note).startswith("cut.pcap ends early: ")

    tell(story, tmp_path)


@pytest.mark.parametrize("more", [0, 1])
def test_bounds(more: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_capture([built_packet().frame])
    monkeypatch.setattr("scapy_server.limits.EDITOR_FILE_BYTES", len(content) - more)
    monkeypatch.setattr("scapy_server.limits.EDITOR_TEXT_CHARACTERS", len("Ether()") - more)

    async def story(documents: Documents, link: HereLink) -> None:
        for opening in (
            documents.from_file("a.pcap", content),
            documents.from_text("a", "Ether()"),
        ):
            if more:
                with pytest.raises(DeskError, match="more than"):
                    await opening
            else:
                assert len((await opening).document) == 1

    tell(story, tmp_path)


def test_templates_of_the_server_and_ones_own(tmp_path: Path) -> None:
    async def story(documents: Documents, link: HereLink) -> None:
        opened = await documents.from_template("IPv4/UDP")
        assert (opened.document.name, ids(opened.document)[:3]) == ("UDP", ["Ether", "IP", "UDP"])
        saved = await documents.content(opened, ".trp")
        documents.own.write("mine", saved.content)
        own = await documents.from_own_template("mine")
        assert ids(own.document) == ids(opened.document)
        for answer, said in (("!", "no template"), (None, ""), ("", "there can be no template")):
            if answer is not None:
                link.told["get_template"] = answer
                with pytest.raises(DeskError, match=said):
                    await documents.from_template("x")

    tell(story, tmp_path)


def test_changes_are_kept_and_taken_up_again_until_a_document_is_closed(tmp_path: Path) -> None:
    async def story(documents: Documents, link: HereLink) -> None:
        opened = await documents.from_text("it", "Ether()/IP()")
        opened.document.replace(built_packet(), "another")
        opened.changed()
        documents.keep()
        assert opened.is_kept
        again, _ = documents_in(tmp_path)
        again.restore()
        (restored,) = again.shelf
        assert (restored.id, restored.document.name) == (opened.id, "it")
        assert restored.document.packet.frame == opened.document.packet.frame
        again.close(restored)
        assert len(again.shelf) == 0
        last, _ = documents_in(tmp_path)
        last.restore()
        assert len(last.shelf) == 0

    tell(story, tmp_path)


def test_a_document_as_a_file(tmp_path: Path) -> None:
    async def story(documents: Documents, link: HereLink) -> None:
        opened = await documents.from_text("it", "Ether()/IP()")
        saved = await documents.content(opened, ".json")
        assert [layer["id"] for layer in json.loads(saved.content)] == ["Ether", "IP"]

    tell(story, tmp_path)


def test_a_text_that_is_none_of_a_packet_is_said_to_be_one(tmp_path: Path) -> None:
    async def story(documents: Documents, link: HereLink) -> None:
        with pytest.raises(
            DeskError, match=r"bad\.pcap is no capture but a text, .*: .*'is'|is not"
        ):
            await documents.from_file("bad.pcap", b"this is no capture")

    tell(story, tmp_path)


def test_the_last_few_that_were_closed_are_opened_again(tmp_path: Path) -> None:
    frame = built_packet().frame

    async def story(documents: Documents, link: HereLink) -> None:
        for number in range(5):
            opened = await documents.from_file(f"{number}.pcap", write_capture([frame] * 3))
            opened.document.delete([0], "delete packet 1")
            documents.close(opened)
        assert [name for _, name in documents.closed] == ["4.pcap", "3.pcap", "2.pcap"]
        assert len(documents.closed) == limits.EDITOR_CLOSED_DOCUMENTS
        assert len(list((tmp_path / "drafts" / "closed").iterdir())) == 2 * 3
        again = documents_in(tmp_path)[0]  # after a restart
        assert again.closed == documents.closed
        reopened = await again.reopen(again.closed[0][0], Works())
        assert [packet.frame for packet in reopened.document.packets()] == [frame] * 2
        assert [name for _, name in again.closed] == ["3.pcap", "2.pcap"]
        again.keep()
        assert [opened.document.name for opened in _restored(tmp_path)] == ["4.pcap"]

    tell(story, tmp_path)


def test_what_was_kept_and_is_gone_is_said(tmp_path: Path) -> None:
    async def story(documents: Documents, link: HereLink) -> None:
        documents.close(await documents.new())
        (path,) = (tmp_path / "drafts" / "closed").glob("*.draft")
        path.unlink()
        with pytest.raises(DeskError, match="what was kept cannot be read"):
            await documents.reopen(documents.closed[0][0], Works())

    tell(story, tmp_path)


def _restored(directory: Path) -> Shelf:
    documents = documents_in(directory)[0]
    documents.restore()
    return documents.shelf


def test_a_capture_keeps_all_bytes_but_those_of_edits(tmp_path: Path) -> None:
    frames = [bytes([number]) * 60 for number in range(3)]
    file = classic(*map(whole, frames), order=">", snaplen=99) + b"garbage"

    async def story(documents: Documents, link: HereLink) -> None:
        opened = await documents.from_file("t.dmp", file)
        await until(lambda: opened.document.taken_up == 3)
        packet = opened.document.at(1)
        edited = replace(packet, frame=b"\xff" + packet.frame[1:])
        opened.document.replace_all({1: edited}, "edit")
        documents.keep()
        expected = file.replace(packet.frame, edited.frame)
        assert (await documents.content(opened, ".pcap")).content == expected
        documents.close(opened)
        again = await documents.reopen(opened.id, Works())
        assert (await documents.content(again, ".pcap")).content == expected

    tell(story, tmp_path)


def test_saving_a_long_capture_can_be_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_module, "_WRITTEN_AT_ONCE", 1)
    content = write_capture([built_packet().frame] * 5)

    async def story(documents: Documents, link: HereLink) -> None:
        opened = await documents.from_file("t.pcap", content)
        await until(lambda: not opened.works._works)
        assert (await documents.content(opened, ".pcap")).content == content
        cancelled: list[bool] = []

        async def step(work: Work, count: int = 1) -> bool:
            cancelled.append(work.total == 5)
            return False

        monkeypatch.setattr(Work, "step", step)
        with pytest.raises(DeskError, match=r"Saving t\.pcap: cancelled"):
            await documents.content(opened, ".pcap")
        assert cancelled == [True]

    tell(story, tmp_path)


@pytest.mark.parametrize("more", [0, 1])
def test_a_capture_of_too_many_packets_is_opened_as_far_as_that(
    more: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scapy_server.limits.EDITOR_PACKETS", 4)
    monkeypatch.setattr(documents_module, "FIRST_PACKETS", 2)
    content = write_capture([built_packet().frame] * (4 - 1 + 2 * more))

    async def story(documents: Documents, link: HereLink) -> None:
        opened = await documents.from_file("t.pcap", content)
        await until(lambda: len(opened.document) == 3 + more and not opened.works._works)
        cut = "only the first 4 packets of t.pcap are here"
        assert opened.note == (cut if more else None)

    tell(story, tmp_path)
