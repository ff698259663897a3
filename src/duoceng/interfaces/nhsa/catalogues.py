"""Catalogues to be downloaded (1301 to 1315): what the catalogue documents of the place of care say, as dated versions.

A file has one row a code: the entry in force, else the next to begin, else the last that ended. Its version is the day something last
changed and a digest of the rows; who has this version is answered 0 rows, anybody else the whole list. Columns are those of the table
(`<<`), `null` where our documents say nothing. A list we hold nothing of is an empty file.

No file is kept: its number says what it is (`plc/1301/110000/20260310/1f0c…`), and it is made again when it is fetched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from json import dumps
from typing import Any

from duoceng.interfaces.nhsa.fields import table_of
from duoceng.interfaces.nhsa.files import PUBLIC, PUBLISHED, until, write_table
from duoceng.interfaces.nhsa.front import Asked, Front, No
from duoceng.interfaces.nhsa.lines import CHARGE_OF
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.words import code_of
from duoceng.policy.catalogue import Catalogue, Item, catalogues_at
from duoceng.policy.library import Library

LISTS = {"1301": "101", "1302": "102", "1303": "103", "1304": "104", "1305": "201", "1306": "301"}
LIST_OF = {"drug": "101", "material": "301"}  # anything else is a service
SERVICE, OTHER_CHARGE, CHINESE_PATENT = "201", "14", "11"
DOWNLOADS = ("1301", "1302", "1303", "1305", "1306", "1307", "1308", "1309", "1310", "1311", "1313", "1314", "1315")
YES, NO = "1", "0"
NOWHERE, NOTHING_NEW = "000000", "0"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a catalogue on a day. `decides`: of a catalogue that decides what is in scope."""

    item: Item
    decides: bool
    rid: str
    list_type: str
    charge: str
    today: date

    @property
    def stands(self) -> bool:
        """It has not ended; it may still have to begin."""
        return self.today <= self.item.ends

    @property
    def changed(self) -> date:
        """The last day something became of it: the day it began, or the first it is listed no more."""
        return self.item.begins if self.stands else self.item.ends + timedelta(days=1)


def entries(front: Front, region: str, code: str = "", today: date | None = None) -> list[Entry]:
    """Every entry of the catalogues of a place, or those of a code, also what ended or has to begin; what decides scope comes first."""
    library = front.desk.library
    known = sorted(catalogues_at(library, region), key=lambda one: one.kind != "scope")
    found = (
        (one, item)
        for one in known
        for items in ([one.items.get(code, ())] if code else one.items.values())
        for item in items
    )
    return [_entry(library, one, item, today or front.today) for one, item in found]


def _entry(library: Library, catalogue: Catalogue, item: Item, today: date) -> Entry:
    kind = str(item.answers.get("item_kind", ""))
    chain = library.vocabulary["item_kind"].chains.get(kind, [kind])
    rid = sha256(f"{catalogue.name}\t{item.code}\t{item.begins}".encode()).hexdigest()[:32]
    list_type = item.said.get("list_type") or next((LIST_OF[word] for word in chain if word in LIST_OF), SERVICE)
    charge = item.said.get("charge_kind") or next(
        (CHARGE_OF[word] for word in chain if word in CHARGE_OF), OTHER_CHARGE
    )
    return Entry(item, catalogue.kind == "scope", rid, list_type, charge, today)


def place_of(front: Front, asked: Asked, admdvs: str = "") -> str:
    """The region whose catalogues are meant: of a code, else of the place of care."""
    return front.regions.region(admdvs or asked.care or asked.institution.admdvs)


def known_of(entry: Entry) -> dict[str, Any]:
    """All that is known of an entry, by the names of the columns. When it was written down is not: the day it began stands for that."""
    item, name = entry.item, entry.item.name
    ends = "" if item.ends == date.max else item.ends.isoformat()
    begins, changed = item.begins.isoformat(), entry.changed.isoformat()
    return {
        "med_list_codg": item.code, "drug_genname": name, "reg_name": name, "drug_prodname": item.said.get("brand") or name, "tcmherb_name": name,
        "servitem_name": name, "mcs_name": name, "eng_name": item.said.get("english", ""), "co_name": item.said.get("holder", ""),
        "lmt_usescp": item.said.get("indication", ""), "lmt_used_flag": YES if item.said.get("restricted") == "yes" else NO,
        "tcmpat_flag": YES if entry.charge == CHINESE_PATENT else NO,
        "hi_nego_drug_flag": YES if item.answers.get("drug_status") == "negotiated" else NO,
        "nat_hi_druglist_chrgitm_lv": code_of("item_class", item.item_class),
        "begndate": begins, "enddate": ends, "begntime": f"{begins} 00:00:00", "endtime": f"{ends} 23:59:59" if ends else "",
        "vali_flag": YES if entry.stands else NO, "rid": entry.rid, "crte_time": f"{begins} 00:00:00", "updt_time": f"{changed} 00:00:00",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Published:
    """A list as it is on a day, in one version; the version of a list of nothing is empty."""

    version: str
    digest: str
    rows: list[dict[str, Any]]


def published(front: Front, infno: str, region: str, today: date) -> Published:
    """A list of a place: a row a code, each with the version."""
    wanted = LISTS.get(infno, "none")
    chosen = current(entry for entry in entries(front, region, "", today) if entry.list_type == wanted)
    rows = [known_of(entry) for entry in chosen]
    if not rows:
        return Published("", "", [])
    digest = sha256(dumps(rows, ensure_ascii=False).encode()).hexdigest()[:8]
    changed = max((entry.changed for entry in chosen if entry.changed <= today), default=date(1900, 1, 1))
    version = f"{changed:%Y%m%d}_{digest}"
    return Published(version, digest, [{**row, "ver": version, "ver_name": version} for row in rows])


def current(found: Iterable[Entry]) -> list[Entry]:
    """One entry a code, by code: in force, else the next to begin, else the last that ended."""
    best: dict[str, Entry] = {}
    for entry in found:
        other = best.get(entry.item.code)
        if other is None or _rank(entry) < _rank(other):
            best[entry.item.code] = entry
    return [best[code] for code in sorted(best)]


def _rank(entry: Entry) -> tuple[int, int]:
    if entry.item.on(entry.today):
        return 0, 0
    return (1, entry.item.begins.toordinal()) if entry.stands else (2, -entry.item.ends.toordinal())


@transaction(*DOWNLOADS)
def download(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Where a list is to be fetched; an empty file for who has its version already."""
    region, today = place_of(front, asked), front.today
    found = published(front, asked.infno, region, today)
    is_new = bool(found.rows) and asked.input["data"]["ver"] != found.version
    place = front.regions.code(region) or NOWHERE
    return {
        "file_qury_no": f"{PUBLIC}/{asked.infno}/{place}/{today:%Y%m%d}/{found.digest if is_new else NOTHING_NEW}",
        "filename": f"{file_name(asked.infno, found.version if is_new else NOTHING_NEW)}.zip",
        "dld_end_time": until(front)[:10],
        "data_cnt": len(found.rows) if is_new else 0,
    }


def file_name(infno: str, version: str) -> str:
    """The name of the text in the ZIP; the ZIP is called after it."""
    return f"{infno}_{version}.txt"


def made_again(front: Front, number: str) -> bytes:
    """The file of a number: the list as it was on that day. Raises No where the documents changed since."""
    try:
        infno, place, day, digest = number.split("/")
        today = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007
        table = table_of(infno) if infno in DOWNLOADS else None
    except ValueError:
        table = None
    if table is None:
        raise No(f"文件查询号{PUBLIC}/{number}不存在，请填目录下载交易返回的文件查询号")
    columns = [field.name for field in table.columns("<<")]
    if digest == NOTHING_NEW:
        return write_table(columns, [], file_name(infno, NOTHING_NEW))
    found = published(front, infno, front.regions.region(place), today)
    if found.digest != digest:
        raise No(f"目录文件{PUBLIC}/{number}已更新，请重新调用目录下载交易")
    return write_table(columns, found.rows, file_name(infno, found.version))


PUBLISHED[PUBLIC] = made_again
