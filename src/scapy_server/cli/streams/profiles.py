"""Profiles of the command line: found, read and started for `render` and `preview`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scapy_server import limits
from scapy_server.addresses import mac_bytes
from scapy_server.captures.pace import Pace
from scapy_server.cli.streams.choices import Playback, ProfileWish, Wish, number
from scapy_server.errors import RefusedError, located, shown
from scapy_server.numbers import bit_rate
from scapy_server.streams.documents.capture_profile import Playing
from scapy_server.streams.documents.captures import play_capture
from scapy_server.streams.documents.entries import ProfileDocument
from scapy_server.streams.documents.files import (
    YAML_ENDINGS,
    document_of,
    parsed,
    read_document,
)
from scapy_server.streams.documents.python_profile import read_python_profile, read_tunables
from scapy_server.streams.documents.requests_file import is_requests
from scapy_server.streams.documents.trex_profile import is_profile
from scapy_server.streams.marks import PortAddresses
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.simulation import (
    Start,
    loaded,
    simulated,
    simulator_setting,
    with_addresses,
)
from scapy_server.streams.sources.files import is_file
from scapy_server.streams.sources.given import Selection
from scapy_server.streams.traffic import DEFAULT_LINE, Setting, Traffic

CAPTURE_ENDINGS = (".pcap", ".pcapng", ".cap", ".erf")


def profile_of(
    source: str, wish: ProfileWish, selection: Selection, alone: bool
) -> ProfileDocument | None:
    """The profile that a source is; None if it is to be rendered as one stream.

    `alone` says that an option was given that only one stream has. JSON with one stream, and
    a capture, are profiles only where an option of profiles is given. Raises RefusedError.
    """
    path = Path(source)
    ending = path.suffix.lower()
    if not is_file(path):
        return None
    if selection.stream is not None or selection.program is not None or alone:
        if ending in (".py", *YAML_ENDINGS):
            raise RefusedError(
                f"{source}: it is rendered as a whole profile; --start, --rate, --gap, --stream "
                "and --program are for single streams"
            )
        return None
    if ending == ".py":
        return _python_profile(path, wish)
    if ending in CAPTURE_ENDINGS:
        return play_capture(path, Playing()) if wish.given else None
    if ending not in (".json", *YAML_ENDINGS):
        return None
    limits.SOURCE_BYTES.check(path.stat().st_size)
    with located(source):
        try:
            content = parsed(path.read_bytes(), ending in YAML_ENDINGS)
        except RefusedError:
            if ending == ".json":
                return None  # read again as a single source, which says what it could be
            raise
        if is_requests(content) or ending in YAML_ENDINGS:
            return document_of(content)
        if not is_profile(content):
            return None
        document = document_of(content)
        return document if wish.given or len(document.entries) > 1 else None


def _python_profile(path: Path, wish: ProfileWish) -> ProfileDocument:
    """What the profile's code gives for each port; those of odd numbers are the other direction."""
    tunables = read_tunables(wish.tunables or "")
    ports = wish.ports or (0,)
    with located(str(path)):
        documents = [
            read_python_profile(path, tunables, direction=port % 2, port=port) for port in ports
        ]
    entries = tuple(
        replace(entry, port=port)
        for port, document in zip(ports, documents, strict=True)
        for entry in document.entries
    )
    notes = dict.fromkeys(note for document in documents for note in document.notes)
    return ProfileDocument(entries, notes=tuple(notes))


def document_at(path: Path, wish: ProfileWish, playback: Playback) -> ProfileDocument:
    """The profile that a file holds, whatever its form; raises RefusedError."""
    if not path.is_file():
        raise RefusedError(f"there is no file {shown(str(path))}")
    ending = path.suffix.lower()
    if ending in CAPTURE_ENDINGS:
        gap = None if playback.gap is None else float(Pace.of_gap(playback.gap).gap * 1_000_000)
        return play_capture(path, Playing(gap, playback.speedup, loops=playback.loops))
    if ending == ".py":
        document = profile_of(str(path), wish, Selection(), alone=False)
        assert document is not None
        return document
    return read_document(path)


def started(document: ProfileDocument, wish: ProfileWish, selection: Selection) -> Traffic:
    """The traffic of a profile as it was wished for; raises RefusedError."""
    line = DEFAULT_LINE if wish.speed is None else line_speed(wish.speed)
    limit = None if wish.limit is None else number(wish.limit, "--limit")
    if limit is not None and limit < 1:
        raise RefusedError("--limit must be at least 1")
    if selection.seed is not None:
        document = document.seeded(selection.seed)
    cores = selection.cores
    limits.RENDER_CORES.check(cores)
    if document.commands:
        if wish.multiplier is not None or wish.duration is not None:
            raise RefusedError(
                "the requests say themselves how traffic starts; leave out -m and -d"
            )
        setting = simulator_setting(cores, line, selection.hardware or "raw")
        traffic = simulated(document.requests, with_addresses(setting, _addresses(wish)))
        if not traffic.started:
            raise RefusedError("none of the requests starts traffic; there is no start_traffic")
    else:
        setting = Setting(cores, line, hardware=selection.hardware or "complete")
        traffic = _loaded(document, wish, with_addresses(setting, _addresses(wish)))
    if limit is not None:
        traffic.schedule.limit(limit)
    return traffic


def _loaded(document: ProfileDocument, wish: ProfileWish, setting: Setting) -> Traffic:
    start = Start(
        Multiplier() if wish.multiplier is None else Multiplier.of_text(wish.multiplier),
        wish.duration or 0.0,
        wish.force,
    )
    start.multiplier.check_start()
    entries = document.entries
    # One profile goes to every port that is named; several are where they are.
    if document.single_profile:
        ports = wish.ports or (document.port,)
        entries = tuple(replace(entry, port=port) for port in ports for entry in entries)
    placed = [(entry.port, entry.profile, entry.stream_id, entry.raw) for entry in entries]
    return loaded(placed, start, setting)


def line_speed(text: str) -> float:
    """Bits a second, as "10G", "1e10" or "25gbps"; raises RefusedError."""
    speed = bit_rate(text)
    if not speed:
        raise RefusedError(f"--speed must be bits a second such as 10G or 1e10, not {shown(text)}")
    return float(speed)


def _addresses(wish: ProfileWish) -> dict[int, PortAddresses]:
    found = {}
    for text in wish.port_macs:
        port, equals, pair = text.rpartition("=")
        source, _, destination = pair.partition(",")
        macs = mac_bytes(destination.strip()), mac_bytes(source.strip())
        if macs[0] is None or macs[1] is None or (equals and not port.isdecimal()):
            raise RefusedError(
                "--port-macs must be [PORT=]SOURCE,DESTINATION such as "
                f"0=02:00:00:00:00:01,02:00:00:00:00:02, not {shown(text)}"
            )
        found[int(port or 0)] = PortAddresses(*[m for m in macs if m is not None])
    return found


def is_alone(wish: Wish) -> bool:
    """Whether the command line asks for what only one stream has."""
    return wish.start is not None or wish.rate is not None or wish.gap is not None
