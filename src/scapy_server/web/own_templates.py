"""Templates in a directory of one's own, beside those of the server."""

from __future__ import annotations

import re
from pathlib import Path

from scapy_server import limits
from scapy_server.desk.errors import DeskError

_NAME = re.compile(r"[\w][\w .+-]{0,79}\Z")
_MOST_FILES = 1000


class OwnTemplates:
    """The `.trp` documents in one directory; nothing outside it is read or written."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def names(self) -> list[str]:
        """The names of all templates, in order."""
        found = [path.stem for path in self.directory.glob("*.trp") if _NAME.match(path.stem)]
        return sorted(found)[:_MOST_FILES]

    def read(self, name: str) -> str:
        """The text of a template; DeskError if it cannot be read."""
        path = self._path(name)
        try:
            if path.stat().st_size > limits.EDITOR_TEMPLATE_BYTES:
                raise DeskError(f"{name} has more than {limits.EDITOR_TEMPLATE_BYTES} bytes")
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise DeskError(f"the template {name!r} cannot be read: {error.strerror}") from None

    def write(self, name: str, content: bytes, overwrite: bool = False) -> None:
        """Keep a template; DeskError if there is one of that name, or it cannot be written."""
        path = self._path(name)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with path.open("wb" if overwrite else "xb") as file:
                file.write(content)
        except FileExistsError:
            raise DeskError(f"there is a template {name!r} already") from None
        except OSError as error:
            raise DeskError(f"the template {name!r} cannot be written: {error.strerror}") from None

    def _path(self, name: str) -> Path:
        if not _NAME.match(name) or ".." in name:
            raise DeskError(
                f"{name!r} cannot name a template; letters, digits, blanks and . + - _ can"
            )
        path = self.directory / f"{name}.trp"
        if path.is_symlink():
            raise DeskError(f"the template {name!r} is a link, which is not followed")
        return path
