"""What is asked of a run over a file, and what its tasks are and came to: light, since the process that leads a run settles nothing."""

from dataclasses import dataclass

KINDS_MOST = 500_000  # kinds of bills that a process knows at most


@dataclass(frozen=True, slots=True)
class Wants:
    """What is asked for beside what each tier paid: what the member pays by kind, each layer's payment, the trail, the years."""

    kinds: bool = True
    layers: bool = True
    trail: bool = False
    years: bool = False


@dataclass(frozen=True)
class Job:
    """What every task of a run has in common; small, so that each worker gets a copy."""

    bills: str
    folder: str
    policies: str
    order: tuple[str, ...]
    reforms: tuple[str, ...]
    allow_unverified: bool
    wants: Wants
    years_in: str = ""
    lines: str = ""
    plans: str = ""  # the file that plans are kept in from run to run; nothing where they are not


@dataclass(frozen=True)
class Task:
    """Row groups `first` to `last` (not with it); `row` is the first of their rows in the file."""

    number: int
    first: int
    last: int
    row: int


@dataclass(frozen=True)
class Done:
    """What a task came to. Amounts in fen."""

    number: int
    bills: int
    settled: int
    rejected: int
    billed: int
    covered: int
    member_pays: int
    seconds: float
    memory: int
