"""Institutions that may call, as a file says; and which pooling region an administrative code (医保区划) belongs to.

institutions:
  - {code: H45010000001, name: 示例医院, admdvs: "450100", level: tertiary_a, kind: general, infcode: text, strict: yes}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from duoceng.base.mistakes import Mistakes, Place, Refused, refuse
from duoceng.base.text import unreadable
from duoceng.interfaces.nhsa.gateway import Gateway
from duoceng.interfaces.nhsa.signing import Signing
from duoceng.policy.library import Library, find_policies
from duoceng.policy.nodes import Branch, Node, read_nodes
from duoceng.policy.read_values import DocumentReader
from duoceng.policy.reader import Key, Keys, Reader, list_of, map_of, object_of, one_of, text
from duoceng.records.bill import Value

PLACES = "places.yaml"


def words_or_more(reader: Reader, node: Node) -> Any:
    """Text, or texts by name."""
    return map_of(text, "settings")(reader, node) if isinstance(node, Branch) else text(reader, node)


INSTITUTION: Keys = {
    "code": Key(text, "number of the institution (fixmedins_code)", True),
    "name": Key(text, "its name", True),
    "admdvs": Key(text, "administrative code of its place (医保区划)", True),
    "level": Key(text, "hospital level, of the vocabulary", True),
    "kind": Key(text, "kind of hospital, of the vocabulary"),
    "infcode": Key(one_of("number", "text"), "how its client reads `infcode`"),
    "strict": Key(one_of("yes", "no"), "what only the newer texts require is required"),
    "sign_in": Key(one_of("yes", "no"), "messages must carry the number of a sign-in (9001)"),
    "answers": Key(map_of(text, "answers"), "further answers of the vocabulary that hold for its bills"),
    "signing": Key(map_of(words_or_more, "settings"), "signature and encryption of the envelope"),
    "gateway": Key(map_of(words_or_more, "settings"), "headers its messages carry"),
}
FILE: Keys = {"institutions": Key(list_of(object_of(INSTITUTION, "an institution")), "who may call", True)}


@dataclass(frozen=True, slots=True)
class Institution:
    """A hospital or pharmacy: what bills of it answer, and how its client speaks."""

    code: str
    name: str
    admdvs: str
    answers: Mapping[str, Value] = field(default_factory=dict)
    infcode: str = "number"
    strict: bool = False
    sign_in: bool = True
    signing: Signing = field(default_factory=Signing)
    gateway: Gateway = field(default_factory=Gateway)

    @property
    def pharmacy(self) -> bool:
        """P and eleven digits: a pharmacy."""
        return self.code.startswith("P")


@dataclass(frozen=True)
class Institutions:
    """Who may call. `guest`: what an institution that is not listed is taken for, in the sandbox; None: it may not call."""

    known: Mapping[str, Institution]
    guest: Institution | None = None

    @cached_property
    def guarded(self) -> bool:
        """Do messages of any of them come with headers of a gateway?"""
        return any(one.gateway.family != "none" for one in self.known.values())

    def find(self, code: str, name: str, admdvs: str) -> Institution | None:
        """The institution of a code; a guest takes the name and the place it gives itself."""
        found = self.known.get(code)
        if found or not self.guest:
            return found
        answers = {**self.guest.answers, "level": "pharmacy"} if code.startswith("P") else self.guest.answers
        return replace(
            self.guest, code=code, name=name or self.guest.name, admdvs=admdvs or self.guest.admdvs, answers=answers
        )


def read_institutions(path: Path, library: Library) -> Institutions:
    """The institutions of a file. Raises Refused with everything that is wrong in it."""
    mistakes = Mistakes()
    try:
        words = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what, repair = unreadable(error)
        raise refuse("B019", Place(str(path), 0), what, "", repair) from None
    node = read_nodes(words, str(path), mistakes)
    found: dict[str, Institution] = {}
    if node:
        reader = DocumentReader(mistakes, library.vocabulary)
        for said in reader.object(node, FILE, "a file of institutions").get("institutions", []):
            one = _institution(reader, said)
            if one:
                found[one.code] = one
    if mistakes.found:
        raise Refused(mistakes.found)
    return Institutions(found)


def _institution(reader: DocumentReader, said: dict[str, Any]) -> Institution | None:
    answers: dict[str, Value] = {}
    words = {"level": said.get("level"), "hospital_kind": said.get("kind"), **said.get("answers", {})}
    for name, word in words.items():
        if not word:
            continue
        if name not in reader.vocabulary:
            reader.unknown(name, said["at"], reader.vocabulary, "the vocabulary")
            continue
        try:
            answers[name] = reader.vocabulary[name].parse(word)
        except ValueError as error:
            reader.wrong(9, said["at"], str(error))
    if not said.get("code") or not said.get("admdvs"):
        return None
    at = str(said["at"])
    return Institution(said["code"], said.get("name", ""), said["admdvs"], answers, said.get("infcode") or "number",
                       said.get("strict") == "yes", said.get("sign_in") != "no",
                       Signing.read(said.get("signing") or {}, at), Gateway.read(said.get("gateway") or {}, at))  # fmt: skip


@dataclass(frozen=True)
class Regions:
    """Administrative codes of pooling regions, by region."""

    codes: Mapping[str, str]

    def region(self, admdvs: str) -> str:
        """The region a code belongs to; nothing where none is known. County before city, city before province."""
        by_code = {code: region for region, code in self.codes.items()}
        for near in (admdvs, admdvs[:4] + "00", admdvs[:2] + "0000"):
            if near in by_code:
                return by_code[near]
        return ""

    def code(self, region: str) -> str:
        """The code of a region; nothing where it has none."""
        return self.codes.get(region, "")

    def near(self, one: str, other: str) -> str:
        """How far the place of care is from the place of insurance: in_city, in_province, out_of_province."""
        if self.region(one) and self.region(one) == self.region(other):
            return "in_city"
        return "in_province" if one[:2] == other[:2] else "out_of_province"


def read_regions(folder: Path | None = None) -> Regions:
    """The codes of `places.yaml`, of a folder of policies or of those shipped."""
    path = (folder or find_policies()) / PLACES
    if not path.exists():
        path = find_policies() / PLACES
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Regions({region: str(code) for region, code in said["places"].items()})
