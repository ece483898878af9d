"""Everything that methods work with, made once at start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scapy_server.catalog.databases import Databases
from scapy_server.catalog.definitions import Definitions
from scapy_server.catalog.templates import Templates
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading import modules
from scapy_server.packet.plans.answering import PacketBuilder
from scapy_server.services.packets.encoded import EncodedAnswers
from scapy_server.services.packets.reread import LastCapture


@dataclass(frozen=True)
class Core:
    """The loaded layers and what is built on them. No request changes what it answers."""

    registry: Registry
    codec: PacketCodec
    builder: PacketBuilder
    last_capture: LastCapture
    definitions: Definitions
    databases: Databases
    templates: Templates
    encoded: EncodedAnswers
    scapy_version: str

    @classmethod
    def load(
        cls,
        extra_modules: Sequence[str] = (),
        definitions: Sequence[Path] = (),
        templates: Sequence[Path] = (),
    ) -> Core:
        """Load Scapy and the catalogue, with an operator's own modules and files.

        Raises RefusedError for a module, file or directory of theirs that cannot be used.
        """
        return cls.over(modules.load(extra_modules), definitions, templates)

    @classmethod
    def over(
        cls,
        registry: Registry,
        definitions: Sequence[Path] = (),
        templates: Sequence[Path] = (),
    ) -> Core:
        """The core of layers that are loaded already."""
        codec = PacketCodec(registry)
        return cls(
            registry=registry,
            codec=codec,
            builder=PacketBuilder(codec),
            last_capture=LastCapture(),
            definitions=Definitions(registry, definitions),
            databases=Databases(registry),
            templates=Templates(templates),
            encoded=EncodedAnswers(),
            scapy_version=".".join(map(str, modules.scapy_version())),
        )
