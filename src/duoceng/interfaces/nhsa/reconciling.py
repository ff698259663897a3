"""Reconciling (对账): the totals of a period (3201), and row by row (3202).

A settlement and its refund (2208, 2305, 2103) are two rows, the second negative. What was taken back by its message (2601) never
happened for the client: neither that settlement nor the row that took it back counts. A row belongs to the time the platform
answered. `refd_setl_flag` 0 leaves refunds out, and what they refunded; 1, or nothing, counts both: so two clients write it down.
Some clients ask by the office of each insured place (`clr_optins` of a settlement), some with their own office for all: a total is
equal if either way of counting comes to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from duoceng.interfaces.nhsa.encounter import REVERSES
from duoceng.interfaces.nhsa.fields import FREE, Field, table_of
from duoceng.interfaces.nhsa.files import file_of, keep_file, read_table, text_of, until, write_table
from duoceng.interfaces.nhsa.front import Asked, Front, No, fen, yuan
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.store.steps import Kept, settled_at, taken_back_at

EQUAL, DIFFERENT = "0", "1"
REFUND, NO_REFUND = "1", "0"
TITLES = {
    "medfee_sumamt": "医疗费总额",
    "fund_pay_sumamt": "基金支付总额",
    "acct_pay": "个人账户支付",
    "cash_payamt": "现金支付金额",
}
COUNT = "fixmedins_setl_cnt"
EIGHTH = Field("exp_content", "字段扩展", "c4000", FREE)  # a column one client adds


@dataclass(frozen=True, slots=True)
class Counted:
    """A settlement or a refund that counts: `reverses` names what it refunds; `refunded`: it is a refund, or was refunded."""

    step: Kept
    office: str
    reverses: str = ""
    refunded: bool = False

    @property
    def amounts(self) -> dict[str, int]:
        """In fen, a refund's negative."""
        step = self.step
        return {
            "medfee_sumamt": step.billed,
            "fund_pay_sumamt": step.fund,
            "acct_pay": step.account,
            "cash_payamt": step.cash,
        }


def counted(front: Front, hospital: str, begins: str, ends: str) -> list[Counted]:
    """What counts from one day to another, as of now. Raises No where the days are impossible."""
    if ends < begins:
        raise No(f"结束日期{ends}早于开始日期{begins}")
    steps = settled_at(front.desk.database, front.seal, hospital, begins, f"{ends} 24:00:00")
    back = taken_back_at(front.desk.database, front.seal, hospital, begins)
    undone = {(step.member, step.undoes) for step in back if step.undoes}
    refunded = {str(step.said["reverses"]) for step in back if not step.undoes}
    rows = [_counted(step) for step in steps if not step.undoes and (step.member, step.number) not in undone]
    return [replace(row, refunded=True) if row.reverses or row.step.setl in refunded else row for row in rows]


def _counted(step: Kept) -> Counted:
    out: Any = step.said["out"]
    reverses = str(step.said["reverses"]) if step.infno in REVERSES else ""
    return Counted(replace(step, said={}), str(out["setlinfo"]["clr_optins"] or ""), reverses)


def chosen(rows: Iterable[Counted], data: Mapping[str, Any]) -> list[Counted]:
    """The rows of an insurance type, of a clearing class, with refunds or without: as far as they are asked for."""
    flag = str(data.get("refd_setl_flag") or data.get("REFD_SETL_FLAG") or "")  # two clients write it in capitals
    scheme, clearing = str(data.get("insutype") or ""), str(data.get("clr_type") or "")
    return [row for row in rows if (not scheme or row.step.scheme[:3] == scheme[:3]) and (not clearing or row.step.clearing == clearing)
            and not (flag == NO_REFUND and row.refunded)]  # fmt: skip


def of_office(front: Front, rows: Iterable[Counted], office: str) -> list[Counted]:
    """The rows an office settles: of its region."""
    region = front.regions.region(office)
    return [row for row in rows if row.office == office or (region and front.regions.region(row.office) == region)]


def totals(rows: Iterable[Counted]) -> dict[str, int]:
    """Amounts of rows, in fen, and how many rows there are."""
    found = dict.fromkeys((*TITLES, COUNT), 0)
    for row in rows:
        found[COUNT] += 1
        for name, amount in row.amounts.items():
            found[name] += amount
    return found


def differences(said: Mapping[str, Any], rows: Iterable[Counted], names: Sequence[str]) -> list[str]:
    """What differs between totals that were said and those of rows, in words."""
    own = totals(rows)
    return [
        f"{TITLES[name]}：机构{yuan(fen(said[name])):.2f}，中心{yuan(own[name]):.2f}"
        for name in names
        if fen(said[name]) != own[name]
    ]


@transaction("3201")
def total(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Totals of a period, for one insurance type and clearing class."""
    data = asked.input["data"]
    rows = chosen(counted(front, asked.institution.code, data["stmt_begndate"], data["stmt_enddate"]), data)
    own = of_office(front, rows, data["setl_optins"])
    found = [_unequal(data, one) for one in (own, rows)]
    words = "" if not all(found) else "；".join(found[0] if own else found[1])
    return {
        "stmtinfo": {
            "setl_optins": data["setl_optins"],
            "stmt_rslt": DIFFERENT if words else EQUAL,
            "stmt_rslt_dscr": words[:200],
        }
    }


def _unequal(data: Mapping[str, Any], rows: list[Counted]) -> list[str]:
    words = differences(data, rows, ("medfee_sumamt", "fund_pay_sumamt", "acct_pay"))
    if int(data[COUNT]) != len(rows):
        refunds = sum(bool(row.reverses) for row in rows)
        words.append(f"结算笔数：机构{data[COUNT]}，中心{len(rows)}" + (f"（含退费{refunds}笔）" if refunds else ""))
    return words


@transaction("3202")
def detail(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Row by row: a file of the institution's rows (9101), a file of every row with what differs (9102)."""
    data, table = asked.input["data"], table_of("3202")
    assert table is not None
    content = file_of(front, asked.institution.code, data["file_qury_no"])
    claims = read_table(content, _columns(content, table.columns(">>")))
    rows = chosen(counted(front, asked.institution.code, data["stmt_begndate"], data["stmt_enddate"]), data)
    results, matched = compared(claims, rows)
    offices = {row.office for row in rows if row.step.setl in matched}
    own = {row.step.setl for row in of_office(front, rows, data["setl_optins"])}
    left = [row for row in rows if row.step.setl not in matched]
    results += [only_here(row) for row in left if row.office in offices or not own or row.step.setl in own]
    name = f"{data['file_qury_no']}_result.txt"
    number = keep_file(front, asked, name, write_table([column.name for column in table.columns("<<")], results, name))
    return {"fileinfo": {"file_qury_no": number, "filename": name.replace(".txt", ".zip"), "dld_endtime": until(front)}}


def _columns(content: bytes, columns: tuple[Field, ...]) -> tuple[Field, ...]:
    """The columns of a file: those of the table, or one more."""
    first = next((line for line in text_of(content).splitlines() if line.strip()), "")
    return (*columns, EIGHTH) if first.count("\t") == len(columns) else columns


def compared(claims: list[dict[str, Any]], rows: list[Counted]) -> tuple[list[dict[str, Any]], set[str]]:
    """A result for each claimed row, and the settlements that were found."""
    by_id = {row.step.setl: row for row in rows}
    refunds = {row.reverses: row for row in rows if row.reverses}
    results, matched = [], set[str]()
    for claim in claims:
        is_refund = fen(claim["medfee_sumamt"]) < 0
        row = by_id.get(claim["setl_id"])
        if is_refund and (row is None or not row.reverses):
            row = refunds.get(claim["setl_id"])  # a refund may be named by what it refunds
        again = row is not None and row.step.setl in matched
        results.append(_result(claim, row, _what(claim, row, again, is_refund)))
        if row is not None:
            matched.add(row.step.setl)
    return results, matched


def _what(claim: Mapping[str, Any], row: Counted | None, again: bool, is_refund: bool) -> str:
    """What differs between a claimed row and ours; nothing where they agree."""
    if row is None:
        return "仅医药机构有：对账范围内中心没有该" + ("结算的退费" if is_refund else "结算，或已冲正(2601)")
    if again:
        return "该行重复上传"
    words = differences(claim, (row,), ("medfee_sumamt", "fund_pay_sumamt", "acct_pay"))
    for title, name, own in (("人员编号", "psn_no", row.step.member), ("就诊ID", "mdtrt_id", row.step.encounter)):
        if claim[name] != own:
            words.append(f"{title}不一致，中心为{own}")
    return "；".join(words)


def _result(claim: Mapping[str, Any], row: Counted | None, words: str) -> dict[str, Any]:
    amounts = row.amounts if row else {name: fen(claim[name]) for name in TITLES if name in claim}
    flag = (REFUND if row.reverses else NO_REFUND) if row else claim["refd_setl_flag"]
    return {"psn_no": claim["psn_no"], "mdtrt_id": claim["mdtrt_id"], "setl_id": claim["setl_id"], "msgid": row.step.msgid if row else "",
            "stmt_rslt": DIFFERENT if words else EQUAL, "refd_setl_flag": flag, "memo": words,
            **{name: yuan(amount) for name, amount in amounts.items()}}  # fmt: skip


def only_here(row: Counted) -> dict[str, Any]:
    """The result of a row the institution did not name: without the ids of settlement and encounter, as the text has it."""
    return {"psn_no": row.step.member, "mdtrt_id": "", "setl_id": "", "msgid": row.step.msgid, "stmt_rslt": DIFFERENT,
            "refd_setl_flag": REFUND if row.reverses else NO_REFUND, "memo": f"仅中心有：结算ID{row.step.setl}，{row.step.at}",
            **{name: yuan(amount) for name, amount in row.amounts.items()}}  # fmt: skip
