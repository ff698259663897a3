"""What only the whole folder can show: names that clash, files that lie elsewhere, printed figures that differ from their formula."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from duoceng.base.mistakes import Place
from duoceng.base.money import yuan
from duoceng.policy.accounts import check_accounts
from duoceng.policy.document import Document
from duoceng.policy.library import Library
from duoceng.policy.values import Context, Index, Plain


def check_folder(library: Library) -> list[Document]:
    """Every document of the folder that can be read; all mistakes are in the library."""
    documents: dict[str, Document] = {}
    for path in library.paths():
        document = library.document(path)
        if document is None:
            continue
        _check_name(library, path, document)
        if document.policy in documents:
            what, also = f"`{document.policy}` is also the name of another document", documents[document.policy].place
            library.mistakes.add("P030", document.place, what, "A bill could be settled by either.", "rename one", also)
        documents[document.policy] = document
    for document in documents.values():
        compare_official(library, document)
    check_accounts(library)
    return list(documents.values())


def _check_name(library: Library, path: Path, document: Document) -> None:
    """A product lies in products/, a public policy in its region, named after the policy."""
    name = document.policy
    wanted = f"products/{name}.yaml"
    if document.kind != "product" and path.parent.name != "products":
        region = document.region
        rest = name.removeprefix(f"{region}.").replace(".", "-")
        wanted = f"cn/{region}/{rest}.yaml" if region != "cn" else f"cn/{rest}.yaml"
    if not library.name(path).endswith(wanted):
        what = f"`{name}` does not lie where its name says"
        library.mistakes.add(
            "P029", document.place, what, "It would not be found.", f"move it to {wanted}, or rename it"
        )


def compare_official(library: Library, document: Document) -> None:
    """Note every printed figure that is a yuan or more away from its formula, where the series has the year's figure."""
    for _, part, version in document.versions():
        for index in everything(version.said, Index):
            assert isinstance(index, Index)
            year = version.cited.begins.year + index.of_year
            if not index.official or year not in library.indexes(index.name.split(".")[0]).get(index.name, {}):
                continue
            context = Context({}, version.cited.begins, library.vocabulary, library.index)
            printed, computed = index.official.value(context), index.by_formula(context)
            if abs(printed - computed) >= 100:
                what = f"the printed figure of the {part} is {yuan(printed)}, its formula gives {yuan(computed)}"
                library.mistakes.add(
                    "P027", index.place, what, "One of the two is wrong.", "check the notice and the index"
                )


def everything(thing: object, kind: type) -> Iterator[object]:
    """Every value of a kind written anywhere inside a version."""
    if isinstance(thing, kind):
        yield thing
    if isinstance(thing, Plain | Place):
        return
    if isinstance(thing, dict):
        inner = list(thing.values())
    elif isinstance(thing, list | tuple):
        inner = list(thing)
    else:
        inner = [getattr(thing, f.name) for f in fields(thing)] if is_dataclass(thing) else []
    for one in inner:
        yield from everything(one, kind)
