from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import PATIENCE
from tests.web.chromium import browser as chromium
from tests.web.chromium import button, opened, running_editor

expect.set_options(timeout=1000 * PATIENCE)  # no test fails because its machine is busy


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """NiceGUI collects garbage before and after each simulated person, whose time would else
    go into looking through all that earlier tests left in caches."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _modules_stay() -> Iterator[None]:
    """NiceGUI forgets the modules of all pages once a simulated person is gone: later tests
    would get second ones."""
    loaded = dict(sys.modules)
    yield
    sys.modules.update(loaded)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_editor(tmp_path_factory.mktemp("templates")) as editor:
        yield editor.address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The editor at a new document."""
    made = opened(browser, address)
    before = made.url
    button(made, "New").click()
    made.wait_for_url(lambda url: "/d/" in url and url != before)
    made.get_by_role("tree", name="Layers").wait_for()
    yield made
    made.close()
