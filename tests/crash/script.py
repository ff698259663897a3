"""A day at the desk as a list of acts, the same for the same seed; `python script.py URL SEED COUNT` does them and says which are done."""

import random
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2])]

from conftest import POLICIES  # noqa: E402
from desk.desks import CHINA, FACTS, Counter, a_bill, a_counter  # noqa: E402
from duoceng.desk import helping  # noqa: E402
from duoceng.desk.asks import Ask, Call, Undo  # noqa: E402
from duoceng.desk.enrol import Told, enrol  # noqa: E402
from duoceng.desk.people import Fact  # noqa: E402
from duoceng.desk.wallets import Sending, accept, credit, relative_fact, send  # noqa: E402
from duoceng.policy.library import Library  # noqa: E402
from duoceng.store.database import open_database  # noqa: E402

MEMBERS = tuple(f"m{n}" for n in range(4))
Act = Callable[[Counter, Call], object]


def script(seed: int, count: int) -> list[Act]:
    """Enrol everybody, then settle, reverse, help, send and accept in a random order."""
    draw = random.Random(seed)
    acts: list[Act] = [lambda c, call, m=m: enrol(c.desk, Told(m, facts_of(m)), call) for m in MEMBERS]
    acts += [lambda c, call, m=m: credit(c.desk, m, 3_000_000, "2025-03", call) for m in MEMBERS]
    live: list[tuple[str, str]] = []
    for number in range(count):
        member, other = draw.sample(MEMBERS, 2)
        kind = draw.choice(("settle", "settle", "late", "help", "reverse", "send"))
        if kind == "reverse" and live:
            whose, bill = live.pop(draw.randrange(len(live)))
            acts.append(lambda c, call, whose=whose, bill=bill: helping.reverse(c.desk, Undo(whose, bill=bill), call))
        elif kind == "send":
            acts.append(lambda c, call, m=member, o=other: send_and_accept(c, call, Sending(m, o, 1_000)))
        else:
            day = date(2025, 1, 1) + timedelta(days=draw.randrange(60) if kind == "late" else min(number, 59))
            pays = ("account", f"help:{other}") if kind == "help" else ("account",) if draw.random() < 0.5 else ()
            bill = a_bill(f"b{number}", day, draw.randrange(1, 9_000_000), draw.randrange(1_000_000))
            acts.append(lambda c, call, ask=Ask(member, bill, "H1", pays): helping.settle(c.desk, ask, call))
            live.append((member, bill.id))
    return acts


def facts_of(member: str) -> tuple[Fact, ...]:
    """Everybody is everybody's sibling."""
    return (
        *FACTS,
        *(relative_fact(other, "sibling", date(2020, 1, 1), "book") for other in MEMBERS if other != member),
    )


def send_and_accept(counter: Counter, call: Call, sending: Sending) -> None:
    """Money for a sibling, taken at once; every sending is of another day, so that none is too many."""
    counter.clock.now += timedelta(days=1)
    sent = send(counter.desk, sending, call)
    accept(counter.desk, sending.to, sending.member, int(sent.drawn[0][0]), "sibling")


def do(counter: Counter, acts: list[Act], first: int, say: Callable[[str], None] = lambda words: None) -> None:
    """Acts from one on, each under a key of its own."""
    for at in range(first, len(acts)):
        counter.clock.now = datetime(2025, 3, 3, 12, tzinfo=CHINA) + timedelta(days=at * 2)
        say(f"ask {at}")
        acts[at](counter, Call("teller", "H1", f"act {at}"))
        say(f"done {at}")


def main() -> None:
    """Do the script, saying what is done."""
    url, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    database = open_database(url)
    counter = a_counter(database, Library(POLICIES))
    do(counter, script(seed, count), 0, lambda words: print(words, flush=True))
    database.close()


if __name__ == "__main__":
    main()
