"""Every `Source:` in a docstring can be opened: a heading of a page here, or a public document."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(ROOT.glob("src/**/*.py"))

#: Public documents, of which a section is named, in quotes or by its number.
PUBLIC = (
    r"(?:the first version of the )?RPC document",
    r"RFC \d+",
    r"JSON-RPC 2\.0",
    r"OpenRPC [\d.]+",
    r"ZeroMQ RFC \d+/\w+",
    r"IEEE [\d.]+\w*",
    r"tcpdump\.org",
    r"pcapng specification",
    r"pcap specification",
    r"Wireshark Display Filter Reference",
    r"[\w-]+\([2-8]\)",  # a page of the system's manual
    r"virtio [\d.]+",
    r"TRex VM instruction specification",
    r"Linux Documentation/[\w/]+\.rst",
    r"Fetch standard",
)
SECTION = r'(?:,| and| to) (?:"[^"]+"|sections? [\d.]+(?: and [\d.]+)?)(?: \([\w.]+\))?'
PUBLIC_CLAUSE = re.compile(rf"(?:the )?(?:{'|'.join(PUBLIC)})(?:{SECTION})+")
PAGE_CLAUSE = re.compile(r'(docs/[\w/]+\.md)((?:, "[^"]+")+)')


def docstrings(path: Path) -> Iterator[str]:
    """Those of a file that names sources."""
    text = path.read_text()
    if "Source: " not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def sources(path: Path) -> Iterator[str]:
    """What follows each `Source:`, up to the end of its paragraph, clause by clause."""
    for text in docstrings(path):
        for found in re.findall(r"^Source: (.+?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL):
            yield from " ".join(found.split()).removesuffix(".").split("; ")


def headings(page: Path) -> set[str]:
    return set(re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE))


def problem_of(clause: str) -> str | None:
    page = PAGE_CLAUSE.fullmatch(clause)
    if page is None:
        return None if PUBLIC_CLAUSE.fullmatch(clause) else "no page here and no public document"
    path = ROOT / page[1]
    if not path.is_file():
        return f"there is no {page[1]}"
    missing = set(re.findall(r'"([^"]+)"', page[2])) - headings(path)
    return f"{page[1]} has no {', '.join(missing)}" if missing else None


def test_every_source_leads_somewhere() -> None:
    wrong = {
        f"{path.relative_to(ROOT)}: {clause}": problem
        for path in FILES
        for clause in sources(path)
        if (problem := problem_of(clause)) is not None
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "clause",
    [
        "the GUI's handshake",
        "ours",
        "RPC document",
        "docs/wire.md",
        'docs/wire.md, "No such heading"',
        'docs/nothing.md, "Templates"',
        "wire" + " contract 3.4",
    ],
)
def test_what_leads_nowhere(clause: str) -> None:
    assert problem_of(clause) is not None


@pytest.mark.parametrize("phrase", ["wire" + " contract", "semantics" + " section"])
def test_no_page_is_cited_that_is_elsewhere(phrase: str) -> None:
    files = [*FILES, *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/**/*.py"), *ROOT.glob("docs/*")]
    assert [path for path in files if path.is_file() and phrase in path.read_text()] == []
