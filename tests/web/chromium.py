"""A real browser at the real editor, each in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.running import PATIENCE, environment

CHROMIUM = shutil.which("chromium")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE = {"width": 1280, "height": 800}

#: Where a run leaves its pictures, if anyone wants them: those of the manual are made with
#: `SCAPY_SERVER_SCREENSHOTS=docs/pictures make browser`.
SCREENSHOTS = os.environ.get("SCAPY_SERVER_SCREENSHOTS")

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("SCAPY_SERVER_REQUIRE_CHROMIUM"),
    reason="chromium is not installed",
)


@dataclass(frozen=True)
class RunningEditor:
    """Where an editor is to be opened, and its process."""

    address: str
    process_id: int


@contextmanager
def running_editor(directory: Path, *options: str) -> Iterator[RunningEditor]:
    """The address that `scapy-server web` prints.

    What says that tests run stays from it: the library behind the pages looks for that.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "scapy_server", "web", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--templates", str(directory), *options],
        env={name: text for name, text in environment().items() if "PYTEST" not in name},
        stdout=subprocess.PIPE,
        text=True,
    )
    output = process.stdout
    assert output is not None
    try:
        line = output.readline()
        drain = threading.Thread(target=output.read, daemon=True)
        drain.start()
        assert line.startswith("Packet editor: "), line
        yield RunningEditor(line.removeprefix("Packet editor: ").strip(), process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        output.close()


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        try:
            yield running
        finally:
            running.close()


def opened(browser: Browser, address: str) -> Page:
    """A page at an address, once the editor is there; every error on it fails the test."""
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.set_default_timeout(1000 * PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(f"on the page: {error}"))
    for _ in range(100):
        try:
            page.goto(address)
            break
        except PlaywrightError:
            page.wait_for_timeout(100)
    page.get_by_role("tree", name="Layers").wait_for()
    return page


def picture(page: Page, name: str) -> None:
    """Keep a screenshot, if they are wanted."""
    if SCREENSHOTS:
        page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}.png"))
