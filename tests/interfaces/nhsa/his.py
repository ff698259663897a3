"""A hospital's system for tests: it speaks the national language to a front, in process or over HTTP."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from desk.desks import CHINA
from duoceng.desk.verify import verify
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.sandbox import PEOPLE, sandbox
from duoceng.store.database import Database
from duoceng.store.seal import Seal
from duoceng.store.snapshot import snapshot

SECRETS = {"k1": bytes(range(32))}
DAY = datetime(2026, 3, 10, 9, 0, 0, tzinfo=CHINA)
HOSPITAL, CLINIC, ELSEWHERE, PHARMACY = "H11010500001", "H11010500002", "H31010100001", "P11010500001"
PERSON = {one.member[-1]: one for one in PEOPLE}
Said = dict[str, Any]


class Ticking:
    """A clock that goes on a second each time it is asked."""

    def __init__(self, now: datetime = DAY):
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=37)
        return self.now


def a_front(database: Database, now: datetime = DAY) -> Front:
    """The sandbox on a database."""
    return sandbox(database, Seal(SECRETS, "k1"), Ticking(now))


@dataclass
class His:
    """A client of one institution. `send` takes bytes and gives bytes."""

    send: Callable[[bytes], bytes]
    code: str = HOSPITAL
    care: str = "110105"
    insured: str = "110000"
    sign_no: str = ""
    count: int = 0
    more: Said = field(default_factory=dict)
    last: str = ""

    def envelope(self, infno: str, given: Any, msgid: str = "") -> Said:
        """The envelope of a message."""
        self.count += 1
        self.last = msgid or f"{self.code}20260310090000{self.count:04d}"
        return {"infno": infno, "msgid": self.last, "mdtrtarea_admvs": self.care, "insuplc_admdvs": self.insured, "recer_sys_code": "DC",
                "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "", "infver": "V1.0", "opter_type": "1", "opter": "0001",
                "opter_name": "测试", "inf_time": "2026-03-10 09:00:00", "fixmedins_code": self.code, "fixmedins_name": "示例医院",
                "sign_no": self.sign_no, "input": given, **self.more}  # fmt: skip

    def ask(self, infno: str, given: Any, msgid: str = "") -> Said:
        """An answer, whatever it says."""
        found: Said = json.loads(self.send(json.dumps(self.envelope(infno, given, msgid), ensure_ascii=False).encode()))
        return found

    def ok(self, infno: str, given: Any, msgid: str = "") -> Any:
        """The output of an answer that must be fine."""
        found = self.ask(infno, given, msgid)
        assert int(found["infcode"]) == 0, (infno, found)
        return found["output"]

    def no(self, infno: str, given: Any, msgid: str = "") -> str:
        """Why it was refused; it must be."""
        found = self.ask(infno, given, msgid)
        assert int(found["infcode"]) == -2, (infno, found)
        return str(found["err_msg"])

    def sign_in(self) -> "His":
        """Sign in."""
        self.sign_no = self.ok("9001", {"signIn": {"opter_no": "0001", "mac": "0", "ip": "127.0.0.1"}})["signinoutb"][
            "sign_no"
        ]
        return self


def a_his(front: Front, code: str = HOSPITAL, care: str = "110105", insured: str = "110000") -> His:
    """A client in this process, signed in."""
    return His(lambda body: receive(front, body)[0], code, care, insured).sign_in()


def person(key: str) -> Said:
    """What a hospital reads off somebody's identity card."""
    one = PERSON[key]
    return {
        "mdtrt_cert_type": "02",
        "mdtrt_cert_no": one.number,
        "card_sn": "",
        "psn_cert_type": "01",
        "certno": one.number,
        "psn_name": one.name,
    }


def scheme(key: str) -> str:
    return "310" if PERSON[key].answers["scheme"] == "employee" else "390"


def registration(key: str) -> Said:
    one = PERSON[key]
    return {"data": {"psn_no": one.member, "insutype": scheme(key), "begntime": "2026-03-10 08:30:00", **person(key), "psn_type": "11",
                     "ipt_otp_no": "M0001", "dept_code": "01", "dept_name": "内科", "caty": "A03"}}  # fmt: skip


def diagnoses(key: str, mdtrt_id: str, med_type: str = "11", name: str = "上呼吸道感染", code: str = "J06.900") -> Said:
    return {"mdtrtinfo": {"mdtrt_id": mdtrt_id, "psn_no": PERSON[key].member, "med_type": med_type, "begntime": "2026-03-10 08:40:00", "dise_codg": code,
                          "dise_name": name},
            "diseinfo": [{"diag_type": "1", "diag_srt_no": 1, "diag_code": code, "diag_name": name, "diag_dept": "01", "dise_dor_no": "D001",
                          "dise_dor_name": "张医生", "diag_time": "20260310084500", "vali_flag": "1"}]}  # fmt: skip


def a_line(key: str, mdtrt_id: str, sn: str, code: str, price: str, count: str = "1", **more: Any) -> Said:
    amount = f"{float(price) * float(count):.2f}"
    return {"feedetl_sn": sn, "mdtrt_id": mdtrt_id, "psn_no": PERSON[key].member, "chrg_bchno": "B1", "rx_circ_flag": "0",
            "fee_ocur_time": "2026-03-10 09:10:00", "med_list_codg": code, "medins_list_codg": f"H-{code}", "det_item_fee_sumamt": amount, "cnt": count,
            "pric": price, "bilg_dept_codg": "01", "bilg_dept_name": "内科", "bilg_dr_codg": "D001", "bilg_dr_name": "张医生", "hosp_appr_flag": "0",
            "med_type": "11", **more}  # fmt: skip


def to_settle(key: str, mdtrt_id: str, total: str, med_type: str = "11", **more: Any) -> Said:
    return {"data": {"psn_no": PERSON[key].member, **person(key), "psn_type": "11", "med_type": med_type, "medfee_sumamt": total, "psn_setlway": "01",
                     "mdtrt_id": mdtrt_id, "chrg_bchno": "B1", "acct_used_flag": "0", "insutype": scheme(key), **more}}  # fmt: skip


CLASSES = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")


def settled_as_tried(his: His, trial: str, final: str, given: Said, msgid: str = "") -> Any:
    """Try, and settle with the classes the trial gave."""
    info = his.ok(trial, given)["setlinfo"]
    return his.ok(final, {"data": {**given["data"], **{name: info[name] for name in CLASSES}}}, msgid)


def admission(key: str, med_type: str = "21", begins: str = "2026-03-02 10:00:00", **more: Any) -> Said:
    one = PERSON[key]
    return {"mdtrtinfo": {"psn_no": one.member, "insutype": scheme(key), "begntime": begins, "mdtrt_cert_type": "02", "mdtrt_cert_no": one.number,
                          "cert_type": "01", "certno": one.number, "med_type": med_type, "ipt_no": "Z0001", "atddr_no": "D002", "chfpdr_name": "李医生",
                          "adm_diag_dscr": "肺炎", "adm_dept_codg": "02", "adm_dept_name": "呼吸科", "adm_bed": "12", "dscg_maindiag_code": "J18.900",
                          "dscg_maindiag_name": "肺炎", "insuplc_admdvs": "110000", "mdtrtarea_admvs": "110105", **more},
            "diseinfo": [{"psn_no": one.member, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": "1", "diag_code": "J18.900",
                          "diag_name": "肺炎", "diag_dept": "02", "dise_dor_no": "D002", "dise_dor_name": "李医生",
                          "diag_time": "2026-03-02 11:00:00"}]}  # fmt: skip


def discharge(key: str, mdtrt_id: str, ends: str = "2026-03-09") -> Said:
    return {"dscginfo": {"mdtrt_id": mdtrt_id, "psn_no": PERSON[key].member, "insutype": scheme(key), "endtime": ends, "dscg_dept_codg": "02",
                         "dscg_dept_name": "呼吸科", "dscg_way": "1"}, "diseinfo": []}  # fmt: skip


def to_settle_stay(key: str, mdtrt_id: str, total: str, **more: Any) -> Said:
    return {
        "data": {
            **to_settle(key, mdtrt_id, total, "21")["data"],
            "mid_setl_flag": "0",
            "insuplc_admdvs": "110000",
            "mdtrtarea_admvs": "110105",
            **more,
        }
    }


def verified(front: Front) -> Any:
    """What `duoceng verify` would find wrong."""
    with snapshot(front.desk.database.url) as reading:
        return verify(reading, front.desk.plans, iter(()), lambda done: None).mistakes
