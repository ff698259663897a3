"""Mistakes in documents and bills: values gathered in a list, shown all at once.

A mistake says where, shows the excerpt, says what is wrong and why it matters, and what to write instead:

    policies/cn/beijing/employee-inpatient.yaml:16:12: P014 two deductibles start on the same day
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written: file, line and column from 1 (line 0: the whole); or an option of the command line, such as `--format`."""

    file: str
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return self.file if not self.line or self.file.startswith("--") else f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, where, and what to do. `code` is stable; `duoceng help CODE` explains it."""

    code: str
    place: Place
    what: str
    why: str = ""
    repair: str = ""
    also: Place | None = None

    def head(self) -> str:
        """The first line, as editors and build logs read it."""
        return f"{self.place}: {self.code} {self.what}"


@dataclass(slots=True)
class Mistakes:
    """A list under construction, handed to the readers. What is said already is not said again."""

    found: list[Mistake] = field(default_factory=list)
    _said: set[Mistake] = field(default_factory=set, repr=False)

    def add(
        self, code: str, place: Place, what: str, why: str = "", repair: str = "", also: Place | None = None
    ) -> None:
        """Note one more mistake and go on reading."""
        mistake = Mistake(code, place, what, why, repair, also)
        if mistake not in self._said:
            self._said.add(mistake)
            self.found.append(mistake)

    def stop_if_any(self) -> None:
        """Raise Refused when anything was found."""
        if self.found:
            raise Refused(self.found)


class Refused(Exception):
    """Input that cannot be settled, with every reason at once. Commands end with exit code 2."""

    def __init__(self, mistakes: list[Mistake]):
        super().__init__("; ".join(m.head() for m in mistakes[:3]))
        self.mistakes = mistakes


def refuse(code: str, place: Place, what: str, why: str = "", repair: str = "") -> Refused:
    """One mistake that ends the reading at once."""
    return Refused([Mistake(code, place, what, why, repair)])
