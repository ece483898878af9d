"""Files that a page sends: one address for all pages, and the document that comes of it."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse
from nicegui import app
from starlette.requests import ClientDisconnect

from scapy_server import limits
from scapy_server.web.documents import Documents, Failure
from scapy_server.web.seat import sentence_of

#: Where pages send a file to, its name in the query.
ADDRESS = "/open"


def receive_uploads(documents: Documents) -> None:
    """Open what is sent: the answer names the document, or says in a sentence why there is none."""

    @app.post(ADDRESS)
    async def take(request: Request, name: str = "file") -> JSONResponse:
        try:
            content = await _content(request)
        except ClientDisconnect:
            return JSONResponse({"problem": "the upload was cancelled"}, 400)
        if content is None:
            return JSONResponse(
                {"problem": f"{name} has more than {limits.EDITOR_FILE_BYTES} bytes"}, 413
            )
        try:
            opened = await documents.from_file(name, content)
        except Failure as error:
            return JSONResponse({"problem": sentence_of(error)}, 422)
        return JSONResponse({"document": opened.id})


async def _content(request: Request) -> bytes | None:
    """What is sent; None for more than is taken."""
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > limits.EDITOR_FILE_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)
