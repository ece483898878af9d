"""A recipe applied to packets that are all at hand: a document becomes another one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from scapy_server import limits
from scapy_server.batch.answering import Answerer
from scapy_server.batch.editor import Editor
from scapy_server.batch.recipe import BytesSetting, Recipe, Setting, settings_of
from scapy_server.batch.selecting import Seen, Selector
from scapy_server.batch.sources import CaptureSource
from scapy_server.captures.records import PacketRecord
from scapy_server.desk import editing
from scapy_server.desk.document import Document
from scapy_server.desk.names import find_field
from scapy_server.desk.packet import Packet
from scapy_server.desk.saving import record_of
from scapy_server.errors import located
from scapy_server.packet.fuzzing import fuzzed_model
from scapy_server.services.packets.core import Core


def document_of(source: CaptureSource) -> Document:
    """The packets of a capture, or those that are meant of it; raises as `records`."""
    document = Document(Path(source.name).name, is_capture=True)
    for record in source.records():
        limits.WRITTEN_PACKETS.check(len(document) + 1)
        document.add_records([record])
    return document


def applied(
    document: Document, recipe: Recipe, core: Core, answer: Answerer
) -> tuple[Document, Sequence[str]]:
    """The document after a recipe, and in sentences what of it could not be done.

    Raises RefusedError or DeskError for what cannot be done at all.
    """
    if recipe.changes_nothing:
        return document, ()
    if document.is_capture or document.packet.model is None:
        return _edited(document, Editor(recipe, core))
    packet = document.packet
    if not Selector(recipe, core.registry).matches(Seen(record_of(0, packet), core)):
        return document, ()
    for setting in settings_of(recipe, core.registry):
        packet = _set(packet, setting, answer)
    if recipe.fuzz is not None and packet.model is not None:
        model = fuzzed_model(editing.whole_model(packet), recipe.fuzz, core.codec)
        packet = answer.run(editing.built(model, packet))
        recipe = replace(recipe, fuzz=None)
    document.replace(packet, "edit")
    if packet.model is None:
        return _edited(document, Editor(replace(recipe, where=None, bpf=None, sets=()), core))
    if recipe.mtu is None:  # what was built has its lengths and checksums
        return document, ()
    return _edited(document, Editor(Recipe(mtu=recipe.mtu), core))


def _set(packet: Packet, setting: Setting, answer: Answerer) -> Packet:
    with located(f"--set {setting.path}"):
        if isinstance(setting, BytesSetting):
            end = setting.place + len(setting.data)
            return answer.run(editing.write_bytes(packet, setting.place, end, setting.data))
        layer, field_id = find_field(packet.layers, setting.path)
        return answer.run(editing.set_field(packet, layer, field_id, setting.value))


def _edited(document: Document, editor: Editor) -> tuple[Document, Sequence[str]]:
    """The packets as an editor leaves them; a single one that it leaves alone stays itself."""
    given = [record_of(index, packet) for index, packet in enumerate(document.packets())]
    records: list[PacketRecord] = []
    for record in given:
        records += editor(record)
    notes = editor.tally.notes()
    if len(records) == len(given) and all(a is b for a, b in zip(records, given, strict=True)):
        return document, notes
    edited = Document(document.name, is_capture=True, program=document.program)
    edited.add_records(records)
    return edited, notes
