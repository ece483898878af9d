from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from nicegui.testing.user import User

from scapy_server.captures.writing import write_capture
from scapy_server.web import uploads
from tests.running import PATIENCE
from tests.web.simulated import person
from tests.web.test_documents import documents_in
from tests.web.trees import dissected_packet

FRAME = dissected_packet().frame


def sent(content: bytes, directory: Path, name: str = "it") -> tuple[int, dict[str, str], str]:
    """The status and the answer for a file, and the document that is open then."""

    async def sending() -> tuple[int, dict[str, str], str]:
        documents, _ = documents_in(directory)
        async with person(lambda: None) as user:
            uploads.receive_uploads(documents)
            answer = await asyncio.wait_for(_post(user, content, name), PATIENCE)
            return *answer, "".join(opened.id for opened in documents.shelf)

    return asyncio.run(sending())


async def _post(user: User, content: bytes, name: str) -> tuple[int, dict[str, str]]:
    answer = await user.http_client.post(
        uploads.ADDRESS, params={"name": name}, content=content, timeout=PATIENCE
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize("content", [FRAME.hex().encode(), write_capture([FRAME])])
def test_a_file_becomes_a_document(content: bytes, tmp_path: Path) -> None:
    status, answer, document = sent(content, tmp_path)
    assert (status, answer) == (200, {"document": document})


def test_what_is_no_packet_is_said(tmp_path: Path) -> None:
    status, answer, document = sent(b"Nope()", tmp_path)
    assert (status, document) == (422, "")
    assert "Nope" in answer["problem"]


def test_a_file_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scapy_server.limits.EDITOR_FILE_BYTES", 4)
    assert sent(b"0011", tmp_path)[0] == 200
    status, answer, document = sent(b"00112", tmp_path, "long.hex")
    assert (status, document) == (413, "")
    assert answer["problem"] == "long.hex has more than 4 bytes"
