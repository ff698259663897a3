"""`duoceng verify | anchor | backup | restore`: open the database, do it, and say what was done."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from duoceng.base.mistakes import Place, Refused, refuse

HERE = Place("--database", 0)


def verify(url: str, anchor: str, policies: str | None, lang: str) -> None:
    """Read every row. Raises Refused with all that is wrong."""
    from duoceng.desk.plans import Plans
    from duoceng.desk.verify import read_anchor
    from duoceng.desk.verify import verify as verified
    from duoceng.policy.library import Library, find_policies
    from duoceng.policy.plan import Options
    from duoceng.store.snapshot import snapshot

    began = monotonic()
    plans = (
        None if policies is None else Plans(Library(find_policies(policies or None)), Options(allow_unverified=True))
    )
    with reachable(url), snapshot(url) as reading:
        books = read_anchor(existing(anchor, "--anchor")) if anchor else iter(())
        found = verified(reading, plans, books, progress())
    seconds = max(monotonic() - began, 0.001)
    speed = found.rows / seconds
    zh = f"账簿 {found.members:,} 本，{found.rows:,} 行，重新结算单据 {found.replayed:,} 张；{seconds:.1f} 秒，每秒 {speed:,.0f} 行。"
    en = (f"{found.members:,} books, {found.rows:,} rows, {found.replayed:,} bills settled again; "
          f"{seconds:.1f} s, {speed:,.0f} rows a second.")  # fmt: skip
    print(zh if lang == "zh" else en)
    if found.mistakes:
        raise Refused(found.mistakes)
    print("全部相符。" if lang == "zh" else "All of it holds.")


def anchor(url: str, output: str, lang: str) -> None:
    """Write an anchor and print its hash."""
    from duoceng.desk.verify import write_anchor
    from duoceng.store.snapshot import snapshot

    with reachable(url), writable(output), snapshot(url) as reading:
        books, whole = write_anchor(reading, Path(output))
    print(f"{books:,} 本账簿，哈希 {whole}" if lang == "zh" else f"{books:,} books, hash {whole}")


def backup(url: str, output: str, lang: str) -> None:
    """Write a backup and say how big it is."""
    from duoceng.store.backup import backup as backed_up
    from duoceng.store.snapshot import snapshot

    began = monotonic()
    with reachable(url), writable(output), snapshot(url) as reading:
        rows = backed_up(reading, Path(output), datetime.now(UTC), told)  # noqa: TID251 - when it was made, for people
    size, seconds = Path(output).stat().st_size / 1e6, monotonic() - began
    print(
        f"{rows:,} 行，{size:,.1f} MB，{seconds:.1f} 秒"
        if lang == "zh"
        else f"{rows:,} rows, {size:,.1f} MB, {seconds:.1f} s"
    )


def restore(file: str, url: str, lang: str) -> None:
    """Fill a new database."""
    began = monotonic()
    with reachable(url, is_new=True):
        from duoceng.store.backup import restore as restored

        rows = restored(existing(file, "FILE"), url, told)
    seconds = monotonic() - began
    zh, en = (
        f"{rows:,} 行，{seconds:.1f} 秒。现在核验：duoceng verify",
        f"{rows:,} rows, {seconds:.1f} s. Now: duoceng verify",
    )
    print(zh if lang == "zh" else en)


def books(url: str, output: str, lang: str) -> None:
    """Write all transfers as a beancount ledger."""
    from duoceng.desk.books import posted
    from duoceng.ledger.beancount import beancount
    from duoceng.store.database import open_database

    with reachable(url), writable(output):
        database = open_database(url)
        entries = list(posted(database))
        Path(output).write_text("\n".join(beancount(entries, "Duoceng")) + "\n", encoding="utf-8")
        database.close()
    moved = sum(len(entry.transfers) for entry in entries)
    print(f"{len(entries):,} 页，{moved:,} 笔转账" if lang == "zh" else f"{len(entries):,} pages, {moved:,} transfers")


@contextmanager
def reachable(url: str, is_new: bool = False) -> Iterator[None]:
    """A database of ours at this address, that answers. The address may hold a password and is not repeated."""
    why = "It is an address such as sqlite:///desk.db or postgresql://user@host/name."
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise refuse("V010", HERE, "this is no address of a database", why, "write it in full")
    needed = ["psycopg"] if url.startswith("postgresql") else []
    if missing := [part for part in needed + (["alembic", "sqlalchemy"] if is_new else []) if find_spec(part) is None]:
        raise refuse("V010", HERE, f"{', '.join(missing)} is not installed", "", "pip install 'duoceng[desk]'")
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not (path.parent if is_new else path).exists():
        raise refuse("V010", HERE, "there is no database at this address", why, "name one that is there")
    try:
        yield
    except sqlite3.Error as error:
        raise _silent(error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("psycopg", "sqlalchemy"):
            raise _silent(error) from error
        raise


def _silent(error: Exception) -> Refused:
    """A database that does not answer, or is not ours."""
    said = str(error).strip().partition("\n")[0]
    return refuse(
        "V010", HERE, f"the database does not do this: {said}", "", "see that it is one of ours, and lets you in"
    )


@contextmanager
def writable(output: str) -> Iterator[None]:
    """A file may be written there."""
    try:
        yield
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise refuse("B036", Place(output, 0), what, "", "name a folder that exists and may be written to") from None


def existing(file: str, option: str) -> Path:
    """A file that is there."""
    if not Path(file).is_file():
        raise refuse("V010", Place(option, 0), f"there is no file `{file}`", "", "name one that is there")
    return Path(file)


def progress() -> Callable[[int], None]:
    """Per cent done, where somebody looks on."""

    def tell(percent: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{percent} %", end="" if percent < 100 else "\r", file=sys.stderr, flush=True)

    return tell


def told(table: str, rows: int) -> None:
    """A table is done."""
    if sys.stderr.isatty():
        print(f"{table} {rows:,}", file=sys.stderr)
