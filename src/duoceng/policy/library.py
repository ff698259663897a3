"""The folder of policies: which documents there are, found by place and product, read once and kept.

policies/vocabulary.yaml                 the words
policies/cn/order.yaml                   the order of tiers, for the whole country unless a place says otherwise
policies/cn/<region>/*.yaml              public tiers         policies/cn/<region>/order.yaml, indexes.yaml
policies/products/*.yaml                 products
policies/catalogues/*.yaml               drug, service and consumable lists
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from duoceng.base.mistakes import Mistakes, Place, Refused, refuse
from duoceng.base.text import read_utf8, unreadable
from duoceng.policy.document import Document, Version, in_force
from duoceng.policy.grammar import TIERS, read_document, versions
from duoceng.policy.nodes import read_nodes
from duoceng.policy.read_values import DocumentReader, value_of
from duoceng.policy.reader import Key, a_day, list_of, map_of, object_of, one_of, text, whole
from duoceng.policy.values import Context, Value
from duoceng.policy.vocabulary import Vocabulary, read_vocabulary

_FIGURE = {
    "year": Key(whole, "the year the figure is of", True),
    "value": Key(value_of("money"), "the figure, in yuan", True),
    "cite": Key(text, "source key", True),
    "quote": Key(text, "the words", True),
    "quoted_from": Key(one_of("page", "note"), "of the page or of a note", True),
    "status": Key(one_of("verified", "secondary", "unverified"), "how far it is checked", True),
    "note": Key(text, "remarks"),
    "from": Key(a_day, "day it was published"),
}
_SERIES = {
    "index": Key(text, "name", True),
    "title": Key(text, "official words", True),
    "values": Key(list_of(object_of(_FIGURE, "a figure")), "figures by year", True),
}
_INDEXES = {
    "sources": Key(map_of(lambda r, n: n, "sources"), "publications", True),
    "indexes": Key(list_of(object_of(_SERIES, "an index")), "yearly series", True),
}
_ORDER = {
    "sources": Key(map_of(lambda r, n: n, "sources"), "publications", True),
    "order": Key(
        versions({"tiers": Key(list_of(one_of(*TIERS)), "tiers, first to pay first", True)}, "order"),
        "its versions",
        True,
    ),
}


Series = dict[str, dict[int, dict[str, Any]]]  # name -> year -> figure


@dataclass
class Library:
    """The documents of one folder. Reading is lazy: settling one bill reads the few files it needs."""

    folder: Path
    also: tuple[Path, ...] = ()
    mistakes: Mistakes = field(default_factory=Mistakes)
    _documents: dict[Path, Document | None] = field(default_factory=dict)
    _series: dict[Path, Series] = field(default_factory=dict)
    index_titles: dict[str, str] = field(default_factory=dict)
    _orders: dict[Path, tuple[Version, ...]] = field(default_factory=dict)
    catalogues_read: dict[Path, Any] = field(default_factory=dict)
    _words: Vocabulary | None = None
    reached: set[Place] | None = None
    _listed: dict[str, list[Path]] = field(default_factory=dict)
    _found: dict[str, Path | None] = field(default_factory=dict)
    _regions: list[str] | None = None
    _of_region: dict[str, list[Document]] = field(default_factory=dict)
    paths_gone: dict[tuple[int, ...], Any] = field(default_factory=dict)  # see `paths.py`
    ends: int = 0
    cells: dict[int, tuple[Document, Any]] = field(
        default_factory=dict
    )  # of a document, by its identity; see `cells.py`
    reformed: dict[tuple[int, int], tuple[Document, Document, Document]] = field(
        default_factory=dict
    )  # see `overlay.py`

    def __getstate__(self) -> dict[str, Any]:
        """What another process may go on from; not what is known by the identity of a part."""
        return {**self.__dict__, "paths_gone": {}, "ends": 0, "cells": {}, "reformed": {}}

    def name(self, path: Path) -> str:
        """A file's name as it is shown: from the folder's parent on."""
        for folder in self.folders:
            if path.is_relative_to(folder.parent):
                return path.relative_to(folder.parent).as_posix()
        return str(path)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folder, and others laid beside it."""
        return (self.folder, *self.also)

    def _glob(self, pattern: str) -> list[Path]:
        if pattern not in self._listed:
            self._listed[pattern] = [path for folder in self.folders for path in sorted(folder.glob(pattern))]
        return self._listed[pattern]

    def _first(self, name: str) -> Path | None:
        if name not in self._found:
            self._found[name] = next((f / name for f in self.folders if (f / name).exists()), None)
        return self._found[name]

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of this folder."""
        if self._words is None:
            path = self.folder / "vocabulary.yaml"
            if not path.exists():
                raise refuse(
                    "P033",
                    Place(str(path)),
                    "there is no vocabulary here",
                    "",
                    "point --policies at a folder of policies",
                )
            self._words = read_vocabulary(read_text(path, self.mistakes), self.name(path), self.mistakes)
        return self._words

    def document(self, path: Path) -> Document | None:
        """One document; None where it cannot be read (its mistakes are in `mistakes`)."""
        if path not in self._documents:
            self._documents[path], reader = read_document(
                read_text(path, self.mistakes), self.name(path), self.vocabulary, self.mistakes
            )
            for index, place in reader.indexes:
                self.note_index(index, place, self.mistakes)
        return self._documents[path]

    def note_index(self, index: str, place: Place, mistakes: Mistakes) -> None:
        """Note an index that does not exist."""
        if index not in self.indexes(index.split(".")[0]):
            mistakes.add("P025", place, f"there is no index called `{index}`", "",
                         "add it to the `indexes.yaml` of the place")  # fmt: skip

    def stop_for(self, region: str, products: tuple[str, ...]) -> None:
        """Raise Refused when a document that may concern a member of the place is wrong; others are no concern of theirs."""
        ours = {f"products/{p}.yaml" for p in products}
        found = []
        for mistake in self.mistakes.found:
            _, _, name = mistake.place.file.partition("/")
            elsewhere = name.startswith(("cn/", "products/")) and name.count("/") == (
                2 if name.startswith("cn/") else 1
            )
            if name in ours or name.startswith(f"cn/{region}/") or not elsewhere:
                found.append(mistake)
        if found:
            raise Refused(found)

    def regions(self) -> list[str]:
        """Places with documents."""
        if self._regions is None:
            self._regions = sorted({p.name for p in self._glob("cn/*") if p.is_dir()})
        return self._regions

    def of_region(self, region: str) -> list[Document]:
        """The public documents of a place, and those of the whole country."""
        if region not in self._of_region:
            paths = self._glob(f"cn/{region}/*.yaml") + self._glob("cn/*.yaml")
            self._of_region[region] = [d for p in paths if p.name not in SPECIAL and (d := self.document(p))]
        return self._of_region[region]

    def product(self, policy: str) -> Document | None:
        """A product by its policy id, or None where there is no such file."""
        path = self._first(f"products/{policy}.yaml")
        return self.document(path) if path else None

    def products(self) -> list[str]:
        """Ids of all products."""
        return sorted(p.stem for p in self._glob("products/*.yaml"))

    def paths(self) -> list[Path]:
        """Every policy document of the folder."""
        return [p for p in self._glob("cn/**/*.yaml") + self._glob("products/*.yaml") if p.name not in SPECIAL]

    def catalogue_paths(self) -> list[Path]:
        """Every catalogue of the folder."""
        return self._glob("catalogues/*.yaml")

    def indexes(self, region: str) -> Series:
        """Yearly series of a place: name -> year -> figure."""
        path = self._first(f"cn/{region}/indexes.yaml")
        if path is None:
            return {}
        if path not in self._series:
            self._series[path] = self._read_indexes(path)
        return self._series[path]

    def _read_indexes(self, path: Path) -> Series:
        node = read_nodes(read_text(path, self.mistakes), self.name(path), self.mistakes)
        if node is None:
            return {}
        said = DocumentReader(self.mistakes, self.vocabulary).object(node, _INDEXES, "a file of indexes")
        self.index_titles |= {s.get("index", ""): s.get("title", "") for s in said.get("indexes", [])}
        return {
            s.get("index", ""): {f["year"]: f for f in s.get("values", []) if "year" in f}
            for s in said.get("indexes", [])
        }

    def index(self, name: str, year: int, place: Place) -> int:
        """The figure of a series for a year, in fen. Refused where it was not read."""
        figure = self.indexes(name.split(".")[0]).get(name, {}).get(year)
        if figure is None:
            raise refuse("P026", place, f"`{name}` has no figure for {year}", "The amount depends on it.",
                         "add the published figure to `indexes.yaml`, with its source")  # fmt: skip
        value: Value = figure["value"]
        return value.value(Context({}, date(year, 1, 1), self.vocabulary, self.index))

    def order(self, region: str, when: date, asked: Place) -> list[str]:
        """The tiers in the order they pay, on a day: the place's own order, or the country's."""
        for path in (self._first(f"cn/{region}/order.yaml"), self._first("cn/order.yaml")):
            if path and (version := in_force(self._order_versions(path), when)):
                return list(version.get("tiers"))
        raise refuse(
            "P034",
            asked,
            f"no order of tiers is known for {region} on {when}",
            "Nothing that was read here holds on a day that early.",
            "check the day of the bill, or add the order to `cn/order.yaml`",
        )

    def order_days(self, region: str) -> list[date]:
        """The days on which the order of tiers changes, for a place."""
        paths = (self._first(f"cn/{region}/order.yaml"), self._first("cn/order.yaml"))
        return [v.cited.begins for path in paths if path for v in self._order_versions(path)]

    def _order_versions(self, path: Path) -> tuple[Version, ...]:
        if path not in self._orders:
            node = read_nodes(read_text(path, self.mistakes), self.name(path), self.mistakes)
            said = (
                DocumentReader(self.mistakes, self.vocabulary).object(node, _ORDER, "an order of tiers") if node else {}
            )
            self._orders[path] = said.get("order", ())
        return self._orders[path]


SPECIAL = ("order.yaml", "indexes.yaml")


def any_document(library: Library, policy: str) -> Document | None:
    """A document by id, of any place or product."""
    documents = (library.document(path) for path in library.paths())
    return next((found for found in documents if found and found.policy == policy), None)


def read_text(path: Path, mistakes: Mistakes) -> str:
    """The text of a file of policies or cases; none, and a mistake, where it is no text."""
    try:
        return read_utf8(path)
    except (OSError, UnicodeDecodeError) as error:
        what, repair = unreadable(error)
        mistakes.add("Y001", Place(str(path), 0), what, "", repair)
        return ""


def find_policies(folder: str | None = None) -> Path:
    """The folder of policies: the one asked for, the project's, or the one that came with the package."""
    if folder:
        return Path(folder).resolve()
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "_policies", package.parents[1] / "policies"):
        if (candidate / "vocabulary.yaml").exists():
            return candidate
    return Path("policies").resolve()
