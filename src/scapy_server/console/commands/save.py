"""`save`: the document in the form that a file's ending names."""

from __future__ import annotations

from pathlib import Path

from scapy_server.console.answers import Answer, Said
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk import profiles, saving
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError
from scapy_server.whole_files import write_whole
from scapy_server.wording import printable


def save(seat: Seat, argument: str) -> Answer:
    """Write the document, or with --packet the packet at hand alone, and say what is lost."""
    options, name = _options(argument)
    path = Path(name).expanduser()
    document = seat.session.document
    whole = "--packet" not in options
    saved = _content(seat, document, saving.ending_of(path), whole)
    _write(path, saved.content, "-f" in options)
    if not saved.losses and (whole or len(document) == 1):
        document.history.saved()
    lines = [f"{len(saved.content)} bytes saved to {path}"]
    lines += [f"not saved: {loss}" for loss in saved.losses]
    told = {"saved": str(path), "length": len(saved.content), "not_saved": list(saved.losses)}
    return Said("\n".join(map(printable, lines)), told)


def _content(seat: Seat, document: Document, ending: str, whole: bool) -> saving.Saved:
    if document.is_profile and ending in profiles.ENDINGS and whole:
        return seat.ask(profiles.save_profile(document, ending))
    return seat.ask(saving.save(document, ending, whole))


def _options(argument: str) -> tuple[set[str], str]:
    """The options in front of a file's name, and the name."""
    options = set()
    while (word := argument.partition(" ")[0]) in ("-f", "--packet"):
        options.add(word)
        argument = argument.removeprefix(word).lstrip()
    return options, argument


def _write(path: Path, content: bytes, replace: bool) -> None:
    if path.is_file() and not replace:
        raise DeskError(f"{path} exists; save -f {path} overwrites it")
    try:
        write_whole(path, content)
    except RefusedError as error:
        raise DeskError(f"cannot write {error.problem}") from None


COMMAND = Command(
    "save",
    save,
    "Save what is at hand in the form that the file's ending names: a capture, a document of the "
    "packet editor, a packet model, the Scapy expression that builds it, hexadecimal, or of a "
    "profile .yaml. Captures are saved whole, with --packet the packet at hand alone; in the "
    "format in which one came only what was edited is another. What a form cannot hold is said. -f "
    "overwrites.",
    "[-f] [--packet] FILE.pcap|.pcapng|.erf|.trp|.json|.py|.hex|.yaml",
    ("save packet.pcap", "save --packet third.pcap"),
    files=True,
)
