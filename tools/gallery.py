"""Pictures of every page, in Chinese and English, wide and on a phone: docs/gallery/*.png and docs/gallery.md.

    python tools/gallery.py            all of them (make gallery)
    python tools/gallery.py counter    those whose name begins so

The people in them are invented; the day is always the same, so that a picture changes only when the page does.
"""

import io
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "gallery"
SIZES = {"wide": (1360, 1500), "phone": (390, 1700)}
COLOURS = 256
SERVE = """
import sys
from datetime import datetime
from duoceng.cli import serve
serve.now = lambda: datetime(2026, 6, 15, 10, tzinfo=serve.CHINA)
serve.run(serve.Wanted(port=int(sys.argv[1])))
"""
Steps = Callable[[Any], None]


@dataclass(frozen=True)
class View:
    """One picture: its name, what it shows in both languages, where it stands, and what is done before it is taken."""

    name: str
    zh: str
    en: str
    path: str
    ready: str
    steps: Steps = lambda _: None


def signed_in(page: Any) -> None:
    page.locator(".roles button").first.click()
    page.locator(".people button").first.click()
    page.wait_for_selector(".who")


def with_bill(page: Any) -> None:
    signed_in(page)
    page.locator("[data-bill] button").nth(1).click()
    page.wait_for_selector(".chart svg text")


def province(page: Any) -> None:
    page.locator("button.tile").nth(9).click()


VIEWS = (
    View("pay", "我要付多少", "What will I pay", "pay", ".chart svg text"),
    View("compare", "换个条件对比", "Compare scenarios", "compare", ".parting"),
    View("products-terms", "产品：条款并列", "Products: terms side by side", "products?tab=terms", "article.terms"),
    View("products-drugs", "产品：特药和目录", "Products: drugs", "products?tab=drugs", ".drugs li"),
    View("products-paid", "产品：各付多少", "Products: what each pays", "products?tab=paid", ".chart svg text"),
    View("products-gaps", "产品：缺口与重叠", "Products: gaps and overlaps", "products?tab=gaps", ".matrix"),
    View("policies-read", "政策：查阅", "Policies: read", "policies?tab=read", ".text .layer"),
    View("policies-diff", "政策：对照", "Policies: compare texts",
         "policies?tab=diff&first=hangzhou.employee.inpatient&day=2024-12-31&second=hangzhou.employee.inpatient&other=2025-01-01", ".diff-row"),
    View("policies-coverage", "政策：覆盖情况", "Policies: coverage", "policies?tab=coverage", ".tiles", province),
    View("counter-sign-in", "柜台：登录", "Counter: sign in", "counter", ".roles"),
    View("counter-overview", "柜台：概况", "Counter: overview", "counter?tab=overview", ".roles", signed_in),
    View("counter-settle", "柜台：结算", "Counter: settle", "counter?tab=settle", ".roles", signed_in),
    View("counter-bills", "柜台：单据", "Counter: bills", "counter?tab=bills", ".roles", with_bill),
    View("counter-money", "柜台：账户与共济", "Counter: accounts and mutual aid", "counter?tab=money", ".roles", signed_in),
)  # fmt: skip


def main(arguments: list[str]) -> None:
    """Take the pictures, and write the page that shows them."""
    FOLDER.mkdir(exist_ok=True)
    chromium = next(
        found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))
    )
    views = [v for v in VIEWS if not arguments or any(v.name.startswith(a) for a in arguments)]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address, service = served(Path(folder))
        try:
            for lang, tag in (("zh", "zh-CN"), ("en", "en-GB")):
                browser = playwright.chromium.launch(
                    executable_path=chromium,
                    args=["--no-sandbox", f"--lang={tag}"],
                    env={"LANGUAGE": tag.replace("-", "_")},
                )
                for view in views:
                    for size in SIZES:
                        take(browser, f"{address}/#/{view.path}", view, (lang, tag, size))
                        print(f"{view.name}-{lang}-{size}", flush=True)
                browser.close()
        finally:
            service.terminate()
            service.wait(20)
    (ROOT / "docs" / "gallery.md").write_text(page_of(), encoding="utf-8")


def served(folder: Path) -> tuple[str, "subprocess.Popen[bytes]"]:
    """A service to try, in a folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(300):
        try:
            urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2).close()
            return f"http://127.0.0.1:{port}", running
        except URLError:
            time.sleep(0.1)
    sys.exit("the service did not start")


def take(browser: Any, address: str, view: View, how: tuple[str, str, str]) -> None:
    """One picture, with few colours, so that it is small."""
    lang, tag, size = how
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=tag, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(view.ready)
    view.steps(page)
    page.wait_for_timeout(900)
    page.evaluate("scrollTo(0, 0)")
    tall = min(height, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": tall})
    page.wait_for_timeout(250)
    raw = page.screenshot()
    context.close()
    picture = few_colours(Image.open(io.BytesIO(raw)).convert("RGB"))
    picture.save(FOLDER / f"{view.name}-{lang}-{size}.png", optimize=True)


def few_colours(picture: Image.Image) -> Image.Image:
    """The picture in its most frequent colours: areas stay as they are, the edges of letters take the nearest."""
    counted = sorted(picture.getcolors(1 << 24) or [], reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted for part in colour])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def page_of() -> str:
    """The page of the gallery."""
    parts = [
        "<!-- Made by tools/gallery.py (make gallery); do not edit. -->\n\n# 页面一览 · Gallery\n\n图中人员均为虚构。Everybody in the pictures is invented.\n"
    ]
    for view in VIEWS:
        parts.append(f"## {view.zh} · {view.en}\n")
        for lang in ("zh", "en"):
            alt = view.zh if lang == "zh" else view.en
            parts.append(
                f"![{alt}](gallery/{view.name}-{lang}-wide.png){{ width=68% }} ![{alt}](gallery/{view.name}-{lang}-phone.png){{ width=20% }}\n"
            )
    return "\n".join(parts)


if __name__ == "__main__":
    main(sys.argv[1:])
