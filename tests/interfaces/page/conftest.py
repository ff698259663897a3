"""The page in a real browser: a service to try in a process of its own, and Chromium of the system. Nothing may leave the machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from duoceng.interfaces.page.built import FOLDER

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}


# `duoceng serve`, at ten o'clock of a day in June: wallets do not send at night.
SERVE = """
import sys
from datetime import datetime
from time import monotonic
from datetime import timedelta
from duoceng.cli import serve

begun, ten = monotonic(), datetime(2026, 6, 15, 10, tzinfo=serve.CHINA)
serve.now = lambda: ten + timedelta(seconds=monotonic() - begun)
serve.run(serve.Wanted(port=int(sys.argv[1])))
"""


def missing() -> str:
    """What a browser test lacks here, or nothing. In CI nothing may be missing."""
    found = "" if CHROMIUM else "Chromium is not installed (apt-get install chromium fonts-noto-cjk)"
    if not (FOLDER / "index.html").exists():
        found = "the page is not built (make page)"
    assert not (found and os.environ.get("CI")), found
    return found


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `duoceng serve` with its invented members."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("service")
    command = [sys.executable, "-c", SERVE, str(port)]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert running.poll() is None, (folder / "log").read_text()
            try:
                urlopen(f"{address}/health/ready", timeout=2).close()
                break
            except URLError:
                time.sleep(0.1)
        yield address
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium of the system. Its loop runs in this thread as long as it is open, so it is closed with each file."""
    if why := missing():
        pytest.skip(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield found
        found.close()


class Visit:
    """One visitor: a window, the language of the page, and every fault and every request that went elsewhere."""

    def __init__(self, browser: Any, address: str, lang: str = "zh", phone: bool = False):
        self.address, self.lang = address, lang
        size = PHONE if phone else WIDE
        locale = {"zh": "zh-CN", "en": "en-GB"}[lang]
        self.context = browser.new_context(viewport=size, locale=locale, has_touch=phone, accept_downloads=True)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.faults: list[str] = []
        self.elsewhere: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.faults.append(said.text) if said.type == "error" and "status of 4" not in said.text else None
            ),
        )
        self.page.on("request", lambda asked: self._note(asked.url))

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme in ("http", "https") and not url.startswith(self.address):
            self.elsewhere.append(url)

    def open(self, path: str = "pay") -> Any:
        """Open a page of the page, and wait until it is there."""
        self.page.goto(f"{self.address}/#/{path}")
        self.page.wait_for_selector("main h1")
        return self.page

    def accessible(self) -> list[str]:
        """The serious faults that axe finds, in words."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']][:5]}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]

    def end(self) -> None:
        """Close, and hold that nothing failed and nothing left the machine."""
        self.context.close()
        assert not self.elsewhere, self.elsewhere
        assert not self.faults, self.faults


@pytest.fixture
def visits(browser: Any, service: str) -> Iterator[Any]:
    """Open visits: `visits(lang, phone)`; all are closed and held to account at the end."""
    opened: list[Visit] = []

    def visit(lang: str = "zh", phone: bool = False) -> Visit:
        opened.append(Visit(browser, service, lang, phone))
        return opened[-1]

    yield visit
    for one in opened:
        one.end()
