"""The sandbox: a full counterpart for vendors of hospital systems, on a laptop. People, institutions and the catalogue are invented.

Any institution may call; one that is not listed is taken for a tertiary hospital of the place it names. A code that is in no
catalogue is taken as class A, and the answered line says so: nobody's test data needs to be ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from duoceng.desk.asks import Call
from duoceng.desk.counter import Desk
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.desk.wallets import credit
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.institutions import Institution, Institutions, read_regions
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options
from duoceng.store.database import Database
from duoceng.store.seal import Identity, Seal

BEGINS = date(2024, 1, 1)
FOLDER = Path(__file__).parent / "sandbox_policies"
KNOWN = "SELECT member FROM person WHERE member = :member"


@dataclass(frozen=True, slots=True)
class Invented:
    """A person nobody is: psn_no, name, identity number (made after the standard), what is told of them, and of what kind they are."""

    member: str
    name: str
    number: str
    region: str
    answers: dict[str, Any]
    kind: str
    account: int = 0
    facts: tuple[Fact, ...] = ()


def _number(place: str, birthday: str, order: int) -> str:
    """An identity number with its check digit; places 991 to 999 of an order were never given to many people, and these to nobody we know."""
    body = f"{place}{birthday}{order:03d}"
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def _held(product: str, **answers: Any) -> tuple[Fact, ...]:
    consent = Fact("consent", BEGINS, policy=product, said={"purpose": "settlement", "insurer": product})
    return Fact("contract", BEGINS, answers=answers, policy=product), consent


EMPLOYEE, RESIDENT = {"scheme": "employee"}, {"scheme": "resident"}
PEOPLE = (
    Invented("11000000000000000001", "王建国", _number("110105", "19501231", 991), "beijing",
             {**EMPLOYEE, "status": "retired", "age": 75, "aid": "none"}, "退休职工，个人账户有余额", 200_000),
    Invented("11000000000000000002", "陈明", _number("110105", "19850707", 993), "beijing",
             {**EMPLOYEE, "status": "active", "age": 41, "aid": "none"}, "在职职工，慢特病（糖尿病）备案", 350_000,
             (Fact("filing", BEGINS, answers={"conditions": frozenset({"diabetes"})}),)),
    Invented("11000000000000000003", "李小禾", _number("110105", "20180601", 991), "beijing",
             {**RESIDENT, "status": "child", "age": 8, "aid": "none"}, "儿童，居民医保"),
    Invented("11000000000000000004", "赵秀英", _number("110105", "19600303", 992), "beijing",
             {**RESIDENT, "status": "elderly", "age": 66, "aid": "dibao"}, "低保对象，老年居民"),
    Invented("11000000000000000005", "周强", _number("110105", "19790815", 995), "beijing",
             {**RESIDENT, "status": "adult", "age": 47, "aid": "severely_disabled"}, "重度残疾人，成年居民"),
    Invented("11000000000000000006", "孙丽", _number("110105", "19880220", 994), "beijing",
             {**EMPLOYEE, "status": "active", "age": 38, "aid": "none"}, "在职职工，持百万医疗险并已授权", 120_000,
             _held("zhenai.million-medical", contract_from=date(2025, 1, 1), bought_with_basic=True, first_insured=BEGINS, pre_existing=False)),
    Invented("31000000000000000007", "沈国栋", _number("310101", "19700418", 991), "shanghai",
             {**EMPLOYEE, "status": "active", "age": 56, "aid": "none"}, "上海在职职工，持沪惠保并已授权；可在外地就医", 80_000,
             _held("shanghai.huhuibao.2025.standard", pre_existing=False, healthy_years=0)),
    Invented("15010000000000000008", "乌兰", _number("150102", "19950909", 992), "hohhot",
             {**EMPLOYEE, "status": "active", "age": 31, "aid": "none"}, "孕妇，呼和浩特职工（生育）", 60_000),
    Invented("11000000000000000009", "王小军", _number("110105", "19801001", 991), "beijing",
             {**EMPLOYEE, "status": "active", "age": 46, "aid": "none"}, "王建国之子，账户可共济", 500_000,
             (Fact("relative", BEGINS, said={"who": "11000000000000000001", "relation": "parent", "proof": "book"}),)),
    Invented("44070000000000000010", "黄子轩", _number("440703", "19920306", 991), "jiangmen",
             {**EMPLOYEE, "status": "active", "age": 34, "aid": "none"}, "江门在职职工；异地住院，备案、转诊与否支付比例不同", 50_000),
)  # fmt: skip
FAMILY = (
    "11000000000000000001",
    Fact("relative", BEGINS, said={"who": "11000000000000000009", "relation": "child", "proof": "book"}),
)
INSTITUTIONS = {
    one.code: one
    for one in (
        Institution("H11010500001", "北京示例三级医院", "110105", {"level": "tertiary", "hospital_kind": "general"}),
        Institution(
            "H11010500002",
            "北京示例社区卫生服务中心",
            "110105",
            {"level": "community", "hospital_kind": "general"},
            infcode="text",
        ),
        Institution("H31010100001", "上海示例三级医院", "310101", {"level": "tertiary", "hospital_kind": "general"}),
        Institution(
            "H15010200001", "呼和浩特示例妇幼医院", "150102", {"level": "tertiary", "hospital_kind": "general"}
        ),
        Institution("P11010500001", "北京示例药店", "110105", {"level": "pharmacy"}),
    )
}
GUEST = Institution("", "", "110105", {"level": "tertiary", "hospital_kind": "general"})


def sandbox(
    database: Database, seal: Seal, clock: Callable[[], datetime], institutions: Institutions | None = None
) -> Front:
    """The sandbox on a database; its people are enrolled once."""
    library = Library(find_policies(), (FOLDER,))
    desk = Desk(database, library, clock, Options(allow_unverified=True))
    front = Front(desk, seal, institutions or Institutions(INSTITUTIONS, GUEST), read_regions(), sandbox=True)
    for one in PEOPLE:
        if desk.database.row(KNOWN, member=one.member) is None:
            _enrol(desk, seal, one)
    return front


def _enrol(desk: Desk, seal: Seal, one: Invented) -> None:
    facts: tuple[Fact, ...] = (Fact("enrolment", BEGINS, answers=one.answers, region=one.region), *one.facts)
    if one.member == FAMILY[0]:
        facts += (FAMILY[1],)
    sealed, lookup = seal.seal(one.member, Identity(one.name, one.number)), seal.lookup("01", one.number)
    enrol(desk, Told(one.member, facts, sealed, lookup), Call("sandbox", "sandbox", f"enrol-{one.member}"))
    if one.account:
        credit(desk, one.member, one.account, "opening", Call("sandbox", "sandbox", f"credit-{one.member}"))


def who_is_who() -> str:
    """People and institutions, to be shown."""
    rows = [f"  {one.member}  {one.number}  {one.name}　{one.kind}" for one in PEOPLE]
    homes = [f"  {one.code}  {one.admdvs}  {one.name}" for one in INSTITUTIONS.values()]
    return "\n".join(
        [
            "人员（虚构）：人员编号、身份证号、姓名",
            *rows,
            "",
            "机构（虚构；其他编号也可以调用）：编号、医保区划、名称",
            *homes,
        ]
    )
