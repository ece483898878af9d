"""The packet templates that clients offer: `.trp` files of the packet editor.

They are in the package, and in directories that the operator names. All are read once, when
a `Templates` is made; a request only looks them up, so that no name in a request ever becomes
a file's. A template's id is its file's path below `templates/`, or the operator's directory,
without the ending: the menu that clients draw.

Source: RPC document, "Get a list of predefined packet templates"; docs/wire.md, "Templates".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from scapy_server.errors import RefusedError, located, shown
from scapy_server.schema.templates import TemplateEntry, TemplateMeta, read_template
from scapy_server.wording import nearest

if TYPE_CHECKING:
    from importlib.abc import Traversable  # elsewhere from Python 3.14 on

_ENDING = ".trp"
#: What ends so is the name of a file, and of no template.
_FILE_ENDINGS = {
    *(".pcap", ".pcapng", ".cap", ".erf", ".gz"),
    *(".trp", ".json", ".yaml", ".yml", ".py", ".hex", ".txt"),
}
_FOREIGN = re.compile(r"[\[\]\\;,><&*:%=+@!#^()|?]|\.\.")


class Templates:
    """The templates by id, in the order of their ids.

    Those of `directories` stand in the place of ours of the same id. Raises RefusedError for
    a directory or a file in it that cannot be used.
    """

    def __init__(self, directories: Sequence[Path] = ()) -> None:
        root = resources.files("scapy_server.catalog") / "templates"
        files = dict(_files(root))
        for directory in directories:
            files.update(_own_files(directory))
        self._files = dict(sorted(files.items()))
        self._entries = [
            TemplateEntry(template_id, _meta(content))
            for template_id, content in self._files.items()
        ]

    def entries(self) -> list[TemplateEntry]:
        """Every template's id, caption and description."""
        return list(self._entries)

    def layers(self) -> set[str]:
        """The ids of all layers that stand in a template."""
        files = map(read_template, self._files.values())
        return {layer["id"] for file in files for layer in file.packet}

    def content(self, template_id: str) -> bytes:
        """The text of the template's file as stored, a JSON document in UTF-8.

        Empty for an id with characters that are in none; RefusedError for one that there
        is not, with the nearest known one.
        """
        if _FOREIGN.search(template_id):
            return b""
        try:
            return self._files[template_id]
        except KeyError:
            hint = nearest(template_id, self._files)
            raise RefusedError(f"there is no template {shown(template_id)}{hint}") from None

    def named(self, source: str) -> bytes:
        """The same for a source that names no file: what is refused is told of files, too."""
        if PurePath(source).suffix.lower() in _FILE_ENDINGS:
            raise RefusedError(f"there is no file {shown(source)}")
        try:
            content = self.content(source)
        except RefusedError as error:
            raise RefusedError(f"there is no file {shown(source)}, and {error.problem}") from None
        if not content:
            raise RefusedError(f"there is neither a file nor a template {shown(source)}")
        return content


def _files(directory: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for item in directory.iterdir():
        if item.is_dir():
            yield from _files(item, f"{prefix}{item.name}/")
        elif item.name.endswith(_ENDING):
            yield prefix + item.name.removesuffix(_ENDING), item.read_bytes()


def _own_files(directory: Path) -> Iterator[tuple[str, bytes]]:
    if not directory.is_dir():
        raise RefusedError(f"{directory} is no directory with templates")
    for path in sorted(directory.rglob(f"*{_ENDING}")):
        template_id = path.relative_to(directory).with_suffix("").as_posix()
        if _FOREIGN.search(template_id):
            raise RefusedError(f"{path} cannot be asked for by its name, for the signs in it")
        yield template_id, _own_content(path)


def _own_content(path: Path) -> bytes:
    with located(str(path)):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise RefusedError(f"cannot be read: {error.strerror}") from None
        read_template(content)
    return content


def _meta(content: bytes) -> TemplateMeta:
    metadata = read_template(content).metadata
    return TemplateMeta(metadata.caption, metadata.description)
