"""The rules of personal accounts and wallets on a day: `accounts.yaml` of the folder of policies, each with its source.

Four parts, each a row of versions that hold until the next one starts: `relatives`, `uses`, `order`, `sends`. A day before the
first version of a part is refused: that law was not read.
"""

from datetime import date, time

from duoceng.base.mistakes import Mistakes, Place, refuse
from duoceng.policy.document import Version, in_force
from duoceng.policy.grammar import SOURCE, versions
from duoceng.policy.library import Library, find_policies, read_text
from duoceng.policy.nodes import Leaf, Node, read_nodes
from duoceng.policy.read_values import DocumentReader
from duoceng.policy.reader import Key, Keys, Reader, list_of, map_of, money, object_of, one_of, text, whole, yes_no
from duoceng.records.accounts import RELATIONS, SOURCE_KINDS, USES, AccountRules


def _clock(reader: Reader, node: Node) -> int:
    """A time of day in China, 22:00, kept as seconds."""
    try:
        found = time.fromisoformat(node.text if isinstance(node, Leaf) else "")
    except ValueError:
        reader.wrong(7, node.place, "a time of day is wanted here", "", "write a time such as 22:00")
        return 0
    return found.hour * 3600 + found.minute * 60 + found.second


BARRED: Keys = {"scheme": Key(text, "the scheme", True), "use": Key(one_of(*USES), "what its members cannot pay", True)}
PARTS: dict[str, Keys] = {
    "relatives": {"are": Key(list_of(one_of(*RELATIONS)), "relations that count", True),
                  "most": Key(whole, "most relatives one account may help")},
    "uses": {"are": Key(list_of(one_of(*USES)), "what may be paid", True),
             "barred": Key(list_of(object_of(BARRED, "a bar")), "uses that members of a scheme do not have")},
    "order": {"are": Key(list_of(one_of(*SOURCE_KINDS)), "kinds of source, first to pay first; cash pays the rest", True),
              "floor": Key(money, "what stays in a helping account, in yuan")},
    "sends": {"a_day": Key(whole, "most transfers of a wallet a day", True), "most": Key(money, "most in one, in yuan", True),
              "quiet_from": Key(_clock, "no transfers from this time of day in China", True),
              "quiet_until": Key(_clock, "until this time, at which money that was not accepted comes back", True),
              "pending_bars": Key(yes_no, "does a transfer not yet accepted bar a further one?")},
}  # fmt: skip
ACCOUNTS: Keys = {
    "accounts": Key(text, "title", True),
    "sources": Key(map_of(object_of(SOURCE, "a source"), "sources"), "publications, by short name", True),
    **{part: Key(versions(keys, part), "its versions", True) for part, keys in PARTS.items()},
}


def account_rules(library: Library, when: date) -> AccountRules:
    """The rules that hold on a day: those of the folder of policies, or those that came with the package. Raises Refused."""
    mistakes = Mistakes()
    shipped = find_policies() / "accounts.yaml"
    path = next((f / shipped.name for f in library.folders if (f / shipped.name).exists()), shipped)
    return read_accounts(read_text(path, mistakes), library.name(path), library, when, mistakes)


def read_accounts(source: str, file: str, library: Library, when: date, mistakes: Mistakes) -> AccountRules:
    """The rules that a document has for a day. Raises Refused with every mistake noted."""
    said = read_parts(source, file, library, mistakes)
    mistakes.stop_if_any()
    return _rules(*(_on(said[part], when, Place(file, 0)) for part in PARTS))


def read_parts(source: str, file: str, library: Library, mistakes: Mistakes) -> dict[str, tuple[Version, ...]]:
    """The versions of every part of a document; every mistake is noted."""
    node = read_nodes(source, file, mistakes)
    if node is None:
        return {}
    reader = DocumentReader(mistakes, library.vocabulary)
    said = reader.object(node, ACCOUNTS, "rules of accounts")
    parts: dict[str, tuple[Version, ...]] = {part: said.get(part, ()) for part in PARTS}
    for version in (version for versions_of in parts.values() for version in versions_of):
        _check_source(reader, version, said.get("sources", {}))
        _check_order(reader, version)
    return parts


def check_accounts(library: Library) -> None:
    """Note the mistakes in the folder's own rules of accounts, where it has any."""
    path = library.folder / "accounts.yaml"
    if path.exists():
        read_parts(read_text(path, library.mistakes), library.name(path), library, library.mistakes)


def _check_source(reader: Reader, version: Version, sources: dict[str, object]) -> None:
    cite = version.cited.cite.split(" ", 1)[0]
    if cite not in sources:
        reader.wrong(10, version.cited.place, f"there is no source called `{cite}`", "", "add it under `sources`")


def _check_order(reader: Reader, version: Version) -> None:
    """Each kind of source has one turn; the quiet hours run over midnight."""
    kinds = version.get("are", [])
    if len(set(kinds)) < len(kinds):
        reader.wrong(7, version.cited.place, "one of these stands there twice", "", "write each once")
    if not version.get("quiet_until", 0) < version.get("quiet_from", 24 * 3600):
        what = "the quiet hours do not end in the morning after they begin"
        reader.wrong(7, version.cited.place, what, "", "write a time such as 22:00")


def _on(found: tuple[Version, ...], when: date, place: Place) -> Version:
    version = in_force(found, when)
    if version is None or version.cited.gap:
        what = f"the rules of accounts were not read for {when}"
        raise refuse("P021", place, what, "", "choose a later day, or add the version of that day")
    return version


def _rules(relatives: Version, uses: Version, order: Version, sends: Version) -> AccountRules:
    return AccountRules(
        relatives=frozenset(relatives.get("are")),
        uses=frozenset(uses.get("are")),
        barred=frozenset((bar["scheme"], bar["use"]) for bar in uses.get("barred", ())),
        draw_order=tuple(order.get("are")),
        sends_a_day=sends.get("a_day"),
        send_max=sends.get("most"),
        quiet_from=sends.get("quiet_from"),
        quiet_until=sends.get("quiet_until"),
        is_pending_a_bar=sends.get("pending_bars", False),
        floor=order.get("floor"),
        relatives_max=relatives.get("most"),
    )
