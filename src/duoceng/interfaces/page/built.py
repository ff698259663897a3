"""What was built of `web/`: read once, kept in memory, packed where the browser can unpack."""

import gzip
import os
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(
    os.environ.get("DUOCENG_PAGE") or Path(__file__).parent / "static"
)  # another build, for whoever works on the page
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml", ".json": "application/json", ".txt": "text/plain; charset=utf-8", ".woff2": "font/woff2"}  # fmt: skip
PACKED = (".html", ".js", ".css", ".svg", ".json", ".txt")


@dataclass(frozen=True)
class Built:
    """One file: its bytes, the same packed, its type, and a mark by which a browser knows it again."""

    plain: bytes
    packed: bytes
    type: str
    mark: str

    def response(self, request: Request, headers: dict[str, str]) -> Response:
        """The file, or the word that the browser has it already."""
        every = {**headers, "etag": self.mark, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == self.mark:
            return Response(b"", 304, every)
        if self.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, 200, {**every, "content-encoding": "gzip"}, self.type)
        return Response(self.plain, 200, every, self.type)


@cache
def files_of() -> dict[str, Built]:
    """Every file of the page by its name; none where the page was not built."""
    return {path.relative_to(FOLDER).as_posix(): _built(path) for path in sorted(FOLDER.rglob("*")) if path.is_file()}


def _built(path: Path) -> Built:
    raw = path.read_bytes()
    packed = gzip.compress(raw, 6, mtime=0) if path.suffix in PACKED else b""
    return Built(raw, packed, TYPES.get(path.suffix, "application/octet-stream"), f'"{sha256(raw).hexdigest()[:20]}"')


WORDS = {
    "zh": ("页面没有构建", "本次安装没有带上页面。在源码目录中运行 <code>make page</code>，或者安装发布的 wheel。接口照常工作，说明在", "zh-CN"),
    "en": ("The page was not built", "This installation came without it. Run <code>make page</code> in the source folder, or install "
           "a released wheel. The interface works as it is; its description is at", "en"),
}  # fmt: skip


def missing_page(lang: str) -> str:
    """What is shown where the page was not built."""
    head, says, code = WORDS[lang]
    return (f'<!doctype html><html lang="{code}"><meta charset="utf-8"><title>Duoceng</title>'
            f'<body style="font-family:sans-serif;max-width:40em;margin:4em auto"><h1>{head}</h1>'
            f'<p>{says} <a href="/docs">/docs</a></p>')  # fmt: skip
