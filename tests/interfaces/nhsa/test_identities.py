"""The identities of `setlinfo` and of every line, on random settlements of all who live in the sandbox."""

import os
import random
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES, a_database
from duoceng.interfaces.nhsa.front import fen
from interfaces.nhsa.his import (
    CLASSES,
    ELSEWHERE,
    HOSPITAL,
    PERSON,
    His,
    a_front,
    a_his,
    a_line,
    admission,
    diagnoses,
    discharge,
    registration,
    to_settle,
    to_settle_stay,
    verified,
)

COUNT, DAY_LONG = int(os.environ.get("DUOCENG_NATIONAL", "120")), 250
CODES = [
    f"SBX-{name}"
    for name in (
        "X0001",
        "X0002",
        "X0003",
        "X0004",
        "Z0001",
        "T0001",
        "S0001",
        "S0002",
        "S0003",
        "S0004",
        "S0006",
        "C0001",
        "C0002",
    )
] + ["UNKNOWN"]
FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay", "oth_pay")


def hold(info: dict[str, Any], rows: list[dict[str, Any]], detail: list[dict[str, Any]]) -> None:
    money = {
        name: fen(value)
        for name, value in info.items()
        if name.endswith(("_pay", "amt", "_selfpay")) and value is not None
    }
    assert money["medfee_sumamt"] == sum(money[name] for name in CLASSES)
    assert money["medfee_sumamt"] == money["fund_pay_sumamt"] + money["psn_part_amt"] + money["hosp_part_amt"]
    assert money["psn_part_amt"] == money["acct_pay"] + money["psn_cash_pay"]
    assert money["fund_pay_sumamt"] == sum(money[name] for name in FUNDS)
    assert abs(money["acct_mulaid_pay"]) <= abs(money["acct_pay"])
    assert (
        sum(fen(row["fund_payamt"]) for row in detail)
        == money["fund_pay_sumamt"] + money["acct_pay"] + money["hosp_part_amt"]
    )
    assert all(fen(row["fund_payamt"]) for row in detail)
    if rows:
        for mine, theirs in zip(
            CLASSES, ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"), strict=True
        ):
            assert money[mine] == sum(fen(row[theirs]) for row in rows)
    for row in rows:
        assert fen(row["det_item_fee_sumamt"]) == sum(
            fen(row[name]) for name in ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
        )


def some_lines(draw: random.Random, key: str, name: str, **more: Any) -> list[dict[str, Any]]:
    rows = []
    for at in range(draw.randint(1, 8)):
        price, count = (
            f"{draw.randint(1, draw.choice((900, 90_000, 3_000_000))) / 100:.2f}",
            str(draw.choice((1, 1, 2, 3, 0.5))),
        )
        row = a_line(key, name, f"L{at}", draw.choice(CODES), price, count, hosp_appr_flag=draw.choice("012"), **more)
        row["det_item_fee_sumamt"] = f"{fen(float(price) * float(count)) / 100:.2f}"
        rows.append(row)
    return rows


def an_encounter(draw: random.Random, his: His) -> None:
    key = draw.choice("123456790")
    his.insured = {"3": "310000", "1": "110000", "4": "440700"}[PERSON[key].member[0]]
    stays = draw.random() < 0.5 or key == "0"
    if stays:
        name = his.ok("2401", admission(key))["result"]["mdtrt_id"]
        rows = some_lines(draw, key, name, fee_ocur_time="2026-03-05 10:00:00")
        split = his.ok("2301", {"feedetail": rows})["result"]
        his.ok("2402", discharge(key, name, f"2026-03-0{draw.randint(5, 9)}"))
        given, trial, final, back = (
            to_settle_stay(key, name, total(rows), acct_used_flag=draw.choice("012")),
            "2303",
            "2304",
            "2305",
        )
    else:
        name = his.ok("2201", registration(key))["data"]["mdtrt_id"]
        his.ok("2203", diagnoses(key, name))
        rows = some_lines(draw, key, name)
        split = his.ok("2204", {"feedetail": rows})["result"]
        given, trial, final, back = (
            to_settle(key, name, total(rows), acct_used_flag=draw.choice("012")),
            "2206",
            "2207",
            "2208",
        )
    tried = his.ok(trial, given)
    hold(tried["setlinfo"], split, tried["setldetail"])
    found = his.ok(final, {"data": {**given["data"], **{one: tried["setlinfo"][one] for one in CLASSES}}})
    hold(found["setlinfo"], split, found["setldetail"])
    assert fen(found["setlinfo"]["fund_pay_sumamt"]) == fen(tried["setlinfo"]["fund_pay_sumamt"])
    if draw.random() < 0.3:
        gone = his.ok(
            back, {"data": {"setl_id": found["setlinfo"]["setl_id"], "mdtrt_id": name, "psn_no": PERSON[key].member}}
        )
        hold(gone["setlinfo"], [], gone["setldetail"])
        assert fen(gone["setlinfo"]["medfee_sumamt"]) == -fen(found["setlinfo"]["medfee_sumamt"])


def total(rows: list[dict[str, Any]]) -> str:
    return f"{sum(fen(row['det_item_fee_sumamt']) for row in rows) / 100:.2f}"


@pytest.mark.parametrize("engine", ENGINES)
def test_the_identities_hold(engine: str, tmp_path: Path) -> None:
    """A few hundred encounters a database: those of one person replay each other."""
    for first in range(0, COUNT, DAY_LONG):
        (tmp_path / str(first)).mkdir()
        with a_database(engine, tmp_path / str(first)) as database:
            front, draw = a_front(database), random.Random(20260310 + first)
            clients = [a_his(front, HOSPITAL, "110105"), a_his(front, ELSEWHERE, "310101")]
            for _ in range(min(DAY_LONG, COUNT - first)):
                an_encounter(draw, draw.choice(clients))
            assert not verified(front)
