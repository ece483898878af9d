"""A real browser at the real editor, each in a process of its own."""

from __future__ import annotations

import json
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
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

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
    process: subprocess.Popen[str]

    @property
    def process_id(self) -> int:
        """The process of the editor."""
        return self.process.pid

    def counts(self) -> dict[str, int]:
        """What a counted one holds; see `tests.web.counting`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


@contextmanager
def running_editor(directory: Path, *options: str) -> Iterator[RunningEditor]:
    """The address that `scapy-server web` prints; what else it prints is thrown away."""
    with _editor("scapy_server", directory, *options) as editor:
        assert editor.process.stdout is not None
        drain = threading.Thread(target=editor.process.stdout.read, daemon=True)
        drain.start()
        yield editor


@contextmanager
def counted_editor(directory: Path) -> Iterator[RunningEditor]:
    """One that tells what it holds."""
    with _editor("tests.web.counting", directory) as editor:
        yield editor


@contextmanager
def _editor(module: str, directory: Path, *options: str) -> Iterator[RunningEditor]:
    """What says that tests run stays from it: the library behind the pages looks for that."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", module, "web", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--templates", str(directory), *options],
        env={name: text for name, text in environment().items() if "PYTEST" not in name},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    output = process.stdout
    assert output is not None
    try:
        line = output.readline()
        assert line.startswith("Packet editor: "), line
        yield RunningEditor(line.removeprefix("Packet editor: ").strip(), process)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        output.close()
        if process.stdin is not None:
            process.stdin.close()


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
    """A page at an address; every error on it fails the test."""
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.set_default_timeout(1000 * PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(f"on the page: {error}"))
    page.goto(address)
    page.get_by_role("tree", name="Layers").wait_for()
    return page


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe finds that people could not get by, once nothing moves or fades any more."""
    page.evaluate(
        """() => Promise.allSettled(document.getAnimations()
            .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
            .map((each) => each.finished))"""
    )
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def choose_files(page: Page, *paths: Path) -> None:
    """Open files by the button for that."""
    button(page, "Open").click()
    with page.expect_file_chooser() as chooser:
        button(page, "Choose file").click()
    chooser.value.set_files(paths)


def picture(page: Page, name: str) -> None:
    """Keep a screenshot, if they are wanted."""
    if SCREENSHOTS:
        page.mouse.move(0, 0)  # nothing is pointed at
        page.locator(".q-tooltip").wait_for(state="hidden")
        page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}.png"))


def button(page: Page, name: str) -> Locator:
    """A button by its name."""
    return page.get_by_role("button", name=name, exact=True)


def layer(page: Page, name: str) -> Locator:
    """A layer in the tree."""
    return page.get_by_role("treeitem", name=name, exact=True)


def field(page: Page, path: str) -> Locator:
    """The control of a field."""
    return page.get_by_role("textbox", name=path, exact=True)


def pair(page: Page, offset: int) -> Locator:
    """The hexadecimal pair of a byte."""
    return page.get_by_role("region", name="Bytes").locator(f'[data-offset="{offset}"]')


def append(page: Page, *layers: str) -> None:
    """Append layers, and wait for each."""
    for each in layers:
        button(page, "Append layer").click()
        page.keyboard.type(each)
        page.keyboard.press("Enter")
        layer(page, each).last.wait_for()


def commit(page: Page, path: str, text: str) -> None:
    """Type over a field's value, and press Enter."""
    field(page, path).fill(text)
    field(page, path).press("Enter")
