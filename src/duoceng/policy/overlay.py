"""A reform is a document too: a few versions that lay over the parts of a policy, and the rest of it unchanged."""

from dataclasses import replace

from duoceng.policy.document import PARTS, Ceiling, Document, Layer, Version
from duoceng.policy.library import Library

MOST = 256  # policies with reforms over them that are kept


def reformed(library: Library, document: Document, reforms: tuple[Document, ...]) -> Document:
    """The policy under all reforms, laid over it once."""
    for reform in reforms:
        if reform.over != document.policy:
            continue
        key = (id(document), id(reform))
        if key not in library.reformed:
            if len(library.reformed) >= MOST:
                library.reformed = {}
            library.reformed[key] = (document, reform, laid_over(document, reform))
        document = library.reformed[key][2]
    return document


def laid_over(document: Document, reform: Document) -> Document:
    """The policy with the reform's versions in place from their first day on; other policies come back as they are."""
    if reform.over != document.policy:
        return document
    changed = {layer.name: layer for layer in reform.layers}
    kept = [_layer(layer, changed.pop(layer.name)) if layer.name in changed else layer for layer in document.layers]
    return replace(document, layers=(*kept, *changed.values()), sources={**document.sources, **reform.sources})


def _layer(layer: Layer, reform: Layer) -> Layer:
    parts = {name: _versions(getattr(layer, name), getattr(reform, name)) for name in PARTS}
    names = {c.name: c for c in reform.ceilings}
    ceilings = [Ceiling(c.name, c.title, _versions(c.versions, names.pop(c.name).versions), c.place) if c.name in names else c
                for c in layer.ceilings]  # fmt: skip
    return replace(layer, **parts, ceilings=(*ceilings, *names.values()))  # type: ignore[arg-type]


def _versions(old: tuple[Version, ...], new: tuple[Version, ...]) -> tuple[Version, ...]:
    """What was in force before the reform's first day, then the reform."""
    if not new:
        return old
    return (*(v for v in old if v.cited.begins < new[0].cited.begins), *new)
