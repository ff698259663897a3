"""Full settlements a second in the national language, durable, beside pgbench on the same server.

    python benchmarks/national.py                 SQLite and a PostgreSQL of its own
    python benchmarks/national.py --http          the same over HTTP, the service in a process of its own

Before it is measured, everybody is registered, told the diagnoses, and 20 lines are uploaded; counted are the messages 2207 alone:
bytes in, bytes out, with the table check, the identities, and the answer kept for when it is sent again.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))

from service import HEAD, Done, databases, pgbench, together

from duoceng.desk.asks import Call
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.institutions import Institution, Institutions
from duoceng.interfaces.nhsa.sandbox import sandbox
from duoceng.store.database import open_database
from duoceng.store.seal import Identity, Seal

CHINA = timezone(timedelta(hours=8))
HOME = "H11010500001"
LINES, BATCHES = 20, 5
URL = "DUOCENG_LOAD"
SEAL = Seal({"k1": bytes(32)}, "k1")
HOSPITAL = Institution(HOME, "示例医院", "110105", {"level": "tertiary", "hospital_kind": "general"}, sign_in=False)


class Clock:
    """The time of the run, on a day of the sandbox."""

    def __init__(self) -> None:
        self.begins = datetime(2026, 3, 10, 9, tzinfo=CHINA)
        self.began = time.monotonic()

    def __call__(self) -> datetime:
        """The time now, on that day."""
        return self.begins + timedelta(seconds=time.monotonic() - self.began)


def front_on(url: str) -> Front:
    """The sandbox, open for one hospital without sign-in."""
    return sandbox(open_database(url), SEAL, Clock(), Institutions({HOME: HOSPITAL}))


def envelope(infno: str, msgid: str, given: Any) -> bytes:
    """A message."""
    return json.dumps({"infno": infno, "msgid": msgid, "mdtrtarea_admvs": "110105", "insuplc_admdvs": "110000", "recer_sys_code": "DC",
                       "infver": "V1.0", "opter_type": "1", "opter": "1", "opter_name": "x", "inf_time": "2026-03-10 09:00:00",
                       "fixmedins_code": HOME, "fixmedins_name": "示例医院", "sign_no": "", "input": given}).encode()  # fmt: skip


def told(front: Front, body: bytes) -> Any:
    """The output of a message that must be fine."""
    found = json.loads(receive(front, body)[0])
    assert found["infcode"] == 0, found
    return found["output"]


def prepared(front: Front, name: str) -> list[tuple[str, bytes]]:
    """Batches of lines of one member, uploaded and tried; what settles each."""
    facts = (
        Fact(
            "enrolment",
            date(2024, 1, 1),
            answers={"scheme": "employee", "status": "active", "age": 40, "aid": "none"},
            region="beijing",
        ),
    )
    enrol(
        front.desk,
        Told(name, facts, SEAL.seal(name, Identity(name, name)), SEAL.lookup("99", name)),
        Call("load", "load", f"enrol {name}"),
    )
    who = {"psn_no": name, "mdtrt_cert_type": "02", "mdtrt_cert_no": name}
    found = []
    for batch in range(BATCHES):
        first = {
            **who,
            "insutype": "310",
            "begntime": "2026-03-10 08:30:00",
            "ipt_otp_no": "1",
            "dept_code": "01",
            "dept_name": "x",
            "caty": "A03",
        }
        opened = told(front, envelope("2201", f"{name}-r{batch}", {"data": first}))
        visit = opened["data"]["mdtrt_id"]
        about = {
            "mdtrt_id": visit,
            "psn_no": name,
            "med_type": "11",
            "begntime": "2026-03-10 08:40:00",
            "dise_codg": "J06",
            "dise_name": "感冒",
        }
        told(front, envelope("2203", f"{name}-d{batch}", {"mdtrtinfo": about, "diseinfo": []}))
        rows = [{"feedetl_sn": f"{batch}-{at}", "mdtrt_id": visit, "psn_no": name, "chrg_bchno": str(batch), "rx_circ_flag": "0",
                 "fee_ocur_time": "2026-03-10 09:00:00", "med_list_codg": f"SBX-X000{1 + at % 2}", "medins_list_codg": "x",
                 "det_item_fee_sumamt": f"{10 + at}.00", "cnt": "1", "pric": f"{10 + at}.00", "bilg_dept_codg": "1", "bilg_dept_name": "x",
                 "bilg_dr_codg": "1", "bilg_dr_name": "x", "hosp_appr_flag": "0"} for at in range(LINES)]  # fmt: skip
        told(front, envelope("2204", f"{name}-u{batch}", {"feedetail": rows}))
        given = {**who, "psn_cert_type": "01", "certno": "x", "psn_type": "11", "psn_name": "x", "med_type": "11", "psn_setlway": "01",
                 "medfee_sumamt": f"{sum(10 + at for at in range(LINES))}.00", "mdtrt_id": visit, "chrg_bchno": str(batch), "acct_used_flag": "0",
                 "insutype": "310"}  # fmt: skip
        info = told(front, envelope("2206", f"{name}-t{batch}", {"data": given}))["setlinfo"]
        classes = {
            one: info[one] for one in ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
        }
        found.append((name, envelope("2207", f"{name}-s{batch}", {"data": {**given, **classes}})))
    return found


START: Any = None


def ready(start: Any) -> None:
    """What every process is given."""
    global START
    START = start


def work(asked: tuple[str, str, int, int, int]) -> Done:
    """One process: prepare its members, wait for the others, settle."""
    url, service, process, members, threads = asked
    front = front_on(url)
    with ThreadPoolExecutor(threads) as pool:
        shares = list(pool.map(lambda at: prepared(front, f"p{process}-{at}"), range(members)))
    START.wait()
    return settled(front, shares, threads, service)


def settled(front: Front, shares: list[list[tuple[str, bytes]]], threads: int, service: str) -> Done:
    """Every message, by member in order; members over threads."""
    done = Done()
    send = over_http(service) if service else lambda body: receive(front, body)[0]

    def run(messages: list[tuple[str, bytes]]) -> None:
        for _, body in messages:
            began = time.perf_counter()
            found = json.loads(send(body))
            if found["infcode"] == 0:
                done.seconds.append(time.perf_counter() - began)
            else:
                done.refused[found["err_msg"][:60]] += 1

    done.began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, shares))
    done.ended = time.perf_counter()
    return done


def over_http(service: str) -> Any:
    """Send to a service, each thread over a connection of its own."""
    where, own = urlsplit(service), local()

    def send(body: bytes) -> bytes:
        if not hasattr(own, "line"):
            own.line = HTTPConnection(where.hostname or "", where.port or 80, timeout=60)
        own.line.request("POST", where.path, body)
        found: bytes = own.line.getresponse().read()
        return found

    return send


@contextmanager
def serving(url: str, wanted: bool) -> Any:
    """The address of a service on a database, in a process of its own; nothing where none is wanted."""
    if not wanted:
        yield ""
        return
    import httpx

    running = multiprocessing.get_context("spawn").Process(target=serve, args=(url,))
    running.start()
    for _ in range(200):
        try:
            httpx.get("http://127.0.0.1:8931/health/live")
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    yield "http://127.0.0.1:8931/fsi/api/callService"
    running.terminate()
    running.join()


def serve(url: str) -> None:
    """The service: on PostgreSQL as many processes as cores, on a file one."""
    import uvicorn

    os.environ[URL] = url
    sys.path.insert(0, str(Path(__file__).parent))
    workers = 1 if url.startswith("sqlite") else os.cpu_count()
    uvicorn.run("national:served", factory=True, port=8931, log_level="warning", access_log=False, workers=workers)


def served() -> Any:
    """The service of one process."""
    from duoceng.interfaces.nhsa.app import application
    from duoceng.interfaces.rest.service import Windows

    return application(front_on(os.environ[URL]), Windows(2, 64))


def main() -> None:
    """Print every figure."""
    reads = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reads.add_argument("--database", default="")
    reads.add_argument("--keep", default="")
    reads.add_argument("--http", action="store_true")
    for name, default in (("members", 200), ("processes", 2), ("threads", 4), ("pgbench-seconds", 15)):
        reads.add_argument(f"--{name}", type=int, default=default)
    given = reads.parse_args()
    print(f"{given.members * given.processes * BATCHES:,} settlements of {LINES} lines, {given.processes} processes of {given.threads} threads, "
          f"{os.cpu_count()} cores\n{HEAD}")  # fmt: skip
    spawn = multiprocessing.get_context("spawn")
    with databases(given) as urls:
        for url in urls:
            front_on(url).desk.database.close()
            with (
                serving(url, given.http) as service,
                spawn.Pool(given.processes, ready, (spawn.Barrier(given.processes),)) as pool,
            ):
                found = pool.map(
                    work,
                    [(url, service, at, given.members, given.threads) for at in range(given.processes)],
                    chunksize=1,
                )
            done = together(found)
            print(done.row(f"{'HTTP, ' if given.http else ''}{url.partition(':')[0]}"), flush=True)
            print(*[f"  {why}: {many}" for why, many in done.refused.most_common(3)], sep="\n")
            if url.startswith("postgresql") and given.pgbench_seconds:
                bank = pgbench(url, given.pgbench_seconds)
                share = len(done.seconds) / done.took / max(bank, 1)
                print(f"{'pgbench tpcb-like, 8 connections':<34}{bank:>9.0f} /s   settled / pgbench = {share:.0%}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory():
        main()
