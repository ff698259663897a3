"""The page in the system's Chromium: how soon it is usable when it was never seen, and how soon the answer follows a keystroke.

    python benchmarks/page.py [--visits 10] [--keys 60]

Starts `duoceng serve` in a folder of its own. Cold: a new browser context each time, nothing kept. A keystroke is timed inside the
page, from the input event to the frame after the new amount stands in the document.
"""

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

TYPED = """(text) => new Promise((done) => {
  const field = document.querySelector('.field.total input'), shown = () => document.querySelector('[data-testid=member-pays]').textContent;
  const before = shown(), put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const watch = new MutationObserver(() => { if (shown() === before) return;
    watch.disconnect(); requestAnimationFrame(() => done(performance.now() - began)); });
  watch.observe(document.body, { subtree: true, childList: true, characterData: true });
  const began = performance.now();
  put.call(field, text); field.dispatchEvent(new Event('input', { bubbles: true }));
})"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--visits", type=int, default=10)
    parser.add_argument("--keys", type=int, default=60)
    wanted = parser.parse_args()
    chromium = next(
        found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = subprocess.Popen(
            [str(Path(sys.executable).parent / "duoceng"), "serve", "--port", str(port)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address)
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            cold(browser, address, wanted.visits)
            keys(browser, address, wanted.keys)
            browser.close()
        finally:
            service.terminate()
            service.wait(20)


def wait_for(address: str) -> None:
    """Until the service answers."""
    for _ in range(300):
        try:
            urlopen(f"{address}/health/ready", timeout=2).close()
            return
        except URLError:
            time.sleep(0.1)
    sys.exit("the service did not start")


def cold(browser: Browser, address: str, visits: int) -> None:
    """Visits of somebody who was never here: fields to type in, the answer, and the picture."""
    found: dict[str, list[float]] = {"fields": [], "answer": [], "picture": []}
    for _ in range(visits):
        context = browser.new_context(locale="zh-CN", viewport={"width": 1360, "height": 900})
        page = context.new_page()
        began = time.perf_counter()
        page.goto(f"{address}/")
        for name, where in (
            ("fields", ".field.total input"),
            ("answer", "[data-testid=member-pays]"),
            ("picture", ".chart svg text"),
        ):
            page.wait_for_selector(where)
            found[name].append(time.perf_counter() - began)
        context.close()
    for name, times in found.items():
        print(
            f"cold, until {name:8} median {statistics.median(times):5.2f} s   most {max(times):5.2f} s   ({visits} visits)"
        )


def keys(browser: Browser, address: str, count: int) -> None:
    """Keystrokes in the total of a bill."""
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{address}/")
    page.wait_for_selector(".chart svg text")
    times = sorted(page.evaluate(TYPED, str(150_000 + 37 * n)) for n in range(count))
    middle, late = statistics.median(times), times[int(count * 0.95) - 1]
    print(
        f"keystroke to answer    median {middle:5.1f} ms  p95 {late:5.1f} ms  most {times[-1]:5.1f} ms  ({count} keys)"
    )


if __name__ == "__main__":
    main()
