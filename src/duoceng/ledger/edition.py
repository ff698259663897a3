"""Published figures by edition: a correction is a new edition beside the old one, with its day and reason; nothing is overwritten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from duoceng.ledger.figure import Figure


@dataclass(frozen=True, slots=True)
class Edition:
    """The figures of a period as they were published on a day; `number` counts from 1, `because` says why there is a later one."""

    period: str
    number: int
    published: date
    figures: tuple[Figure, ...]
    because: str = ""


Editions = tuple[Edition, ...]


def publish(editions: Editions, period: str, published: date, figures: Iterable[Figure]) -> Editions:
    """The editions with the first of a period."""
    assert not of_period(editions, period), f"{period} is published; restate it"
    return (*editions, Edition(period, 1, published, tuple(figures)))


def restate(editions: Editions, period: str, published: date, corrected: Iterable[Figure], because: str) -> Editions:
    """The editions with a further one of a period, in which these figures stand in place of those of the same name."""
    assert because, "a correction has its reason"
    last = of_period(editions, period)[-1]
    assert published >= last.published, "a correction comes after what it corrects"
    figures = {figure.name: figure for figure in (*last.figures, *corrected)}
    return (*editions, Edition(period, last.number + 1, published, tuple(figures.values()), because))


def of_period(editions: Editions, period: str) -> list[Edition]:
    """All editions of a period, first to last."""
    return [edition for edition in editions if edition.period == period]


def as_known_on(editions: Editions, period: str, when: date) -> Mapping[str, Figure]:
    """The figures of a period as they stood on a day; none before they were published."""
    known = [edition for edition in of_period(editions, period) if edition.published <= when]
    return {figure.name: figure for figure in known[-1].figures} if known else {}


def changes(earlier: Edition, later: Edition) -> list[tuple[Figure | None, Figure]]:
    """What a later edition says otherwise, or for the first time."""
    before = {figure.name: figure for figure in earlier.figures}
    return [(before.get(figure.name), figure) for figure in later.figures if before.get(figure.name) != figure]
