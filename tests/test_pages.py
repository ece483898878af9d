"""What the pages say is there, and what is there is on the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from scapy_server.cli.app import app
from scapy_server.services.packets.table import METHODS
from tests import messages_page

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]
README = (ROOT / "README.md").read_text()


def rows(heading: str) -> list[str]:
    """The first cells of the README's table that begins with this heading."""
    table = re.search(rf"^\| {heading} \|.*\n\|---.*\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert table
    return [row.split(" | ")[0] for row in table[1].splitlines()]


def test_every_method_is_listed_once() -> None:
    listed = [name for row in rows("Methods") for name in re.findall(r"`([\w.]+)`", row)]
    assert sorted(listed) == sorted(method.name for method in METHODS)


def test_the_page_of_messages_has_those_of_today() -> None:
    assert (ROOT / "docs" / "messages.md").read_text() == messages_page.page()


def test_every_command_is_listed() -> None:
    listed = re.findall(r"[a-z-]+(?= |`)", " ".join(rows("Commands")).replace("scapy-server", ""))
    assert set(typer.main.get_group(app).commands) <= set(listed)


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    required = re.search(r"^dependencies = \[\n(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert required
    names = re.findall(r'^ +"([\w-]+)', required[1], re.MULTILINE)
    listed = " ".join(rows("Package")).casefold()
    assert len(names) > 5
    assert [name for name in names if f"[{name}]".casefold() not in listed] == []


def test_every_page_can_be_found() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{page.name})" in README, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        target, _, anchor = link.partition("#")
        if link.startswith("https://"):
            continue
        found = page.parent / target if target else page
        assert found.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)
            assert anchor in [
                re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings
            ], link
