"""Names of object identifiers, found by what they begin with.

Scapy compares each identifier with all that it knows, hundreds; a message with a chain of
certificates has hundreds of identifiers, and a third of reading it went there. What is found is the
same: the longest known identifier that another begins with.
"""

from __future__ import annotations

from collections.abc import Callable

from scapy.asn1.mib import MIBDict
from scapy.config import conf

#: The name and the number of what an identifier begins with, and the rest of it.
Root = tuple[str, str, str]


def install() -> None:
    """Put it in the place of Scapy's, once all names are known."""
    MIBDict._findroot = _root(max(map(len, conf.mib.d)))  # type: ignore[assignment, method-assign]


def _root(longest: int) -> Callable[[MIBDict, str], Root]:
    """What finds it, where no known identifier has more than `longest` characters."""

    def root(names: MIBDict, identifier: str) -> Root:
        text = identifier.removeprefix(".")
        if not text.endswith("."):
            text += "."
        end = longest + 1
        while (end := text.rfind(".", 0, end)) > 0:
            name = names.d.get(text[:end])
            if name is not None:
                return name, text[:end], text[end:-1]
        return ".", "", text[:-1]

    return root
