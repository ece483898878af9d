"""docs/ports.md has the tables that the code works by."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.services.ports.state.documentation import TABLES

PAGE = Path(__file__).parents[4] / "docs" / "ports.md"


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_the_table(name: str) -> None:
    page = PAGE.read_text()
    begin = f"<!-- {name} -->\n"
    assert page.split(begin)[1].split("<!-- end -->")[0] == TABLES[name]()
