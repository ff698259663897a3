"""How the page is built and served: packed, kept by its name, never without saying so."""

import gzip
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conftest import ROOT
from databases import a_database
from desk.desks import a_counter
from duoceng.interfaces.page import built
from duoceng.interfaces.rest.app import application
from duoceng.policy.library import Library
from interfaces.rest.services import settings_for

sys.path.insert(0, str(ROOT))
import hatch_build


@pytest.fixture
def http(tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A service on a page of two files."""
    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("<!doctype html><p>多层</p>", encoding="utf-8")
    (tmp_path / "static" / "assets" / "a-1.js").write_text("let a = 1;" * 100)
    monkeypatch.setattr(built, "FOLDER", tmp_path / "static")
    built.files_of.cache_clear()
    with a_database("sqlite", tmp_path) as database:
        counter = a_counter(database, library)
        with TestClient(application(counter.desk, settings_for(counter.clock))) as client:
            yield client
    built.files_of.cache_clear()


def test_the_page_is_served_with_a_strict_policy(http: TestClient) -> None:
    answer = http.get("/")
    assert "多层" in answer.text and answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe-eval" not in policy
    assert http.get("/", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_parts_are_packed_and_kept_for_ever(http: TestClient) -> None:
    answer = http.get("/assets/a-1.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip" and "immutable" in answer.headers["cache-control"]
    assert answer.text == "let a = 1;" * 100
    plain = http.get("/assets/a-1.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == answer.text
    assert gzip.decompress(built.files_of()["assets/a-1.js"].packed).decode() == plain.text
    for name in ("nothing.js", "..%2findex.html", "%2e%2e%2f%2e%2e%2fbuilt.py"):
        assert http.get(f"/assets/{name}").status_code == 404


def test_a_page_that_was_not_built_says_how(http: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(built, "FOLDER", tmp_path / "nowhere")
    built.files_of.cache_clear()
    assert "make page" in http.get("/", headers={"accept-language": "zh"}).text
    answer = http.get("/", headers={"accept-language": "en"})
    assert answer.status_code == 503 and "The page was not built" in answer.text


def test_it_is_built_only_where_something_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    web, static = tmp_path / "web", tmp_path / "static"
    (web / "src").mkdir(parents=True)
    (web / "src" / "a.ts").write_text("1")
    monkeypatch.setattr(hatch_build, "WEB", web)
    monkeypatch.setattr(hatch_build, "STATIC", static)
    monkeypatch.delenv(hatch_build.WITHOUT, raising=False)
    assert hatch_build.wanted()
    static.mkdir()
    (static / "index.html").write_text("page")
    assert not hatch_build.wanted()
    later = (static / "index.html").stat().st_mtime + 5
    (web / "src" / "b.ts").write_text("2")
    os.utime(web / "src" / "b.ts", (later, later))
    assert hatch_build.wanted()
    monkeypatch.setenv(hatch_build.WITHOUT, "1")
    assert not hatch_build.wanted()


def test_what_failed_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hatch_build, "WEB", tmp_path)
    with pytest.raises(hatch_build.Failed, match="ended with 3") as told:
        hatch_build.run(["sh", "-c", "echo no such package; exit 3"], {"PATH": "/bin:/usr/bin"})
    assert "no such package" in str(told.value)
    monkeypatch.setattr(hatch_build.shutil, "which", lambda _: None)
    with pytest.raises(hatch_build.Failed, match="there is no Node here"):
        hatch_build.npm_command(None)


def test_the_lock_names_no_address() -> None:
    assert '"resolved"' not in (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")
