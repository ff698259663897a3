"""Catalogues: dated downloads (13xx, fetched by 9102), paged queries, institutions (1201), code lists (1901).

What our catalogue documents know is given; a list we have not read is an honest file of no rows. The columns of a download are ours, as
the texts print none: COLUMNS, in that order, the last two the version and the source.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from duoceng.interfaces.nhsa.fields import dictionaries, titles
from duoceng.interfaces.nhsa.files import keep_file, until, write_table
from duoceng.interfaces.nhsa.front import Asked, Front, No, day, yuan
from duoceng.interfaces.nhsa.mapping import mappings
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.words import code_of
from duoceng.kernel.columns import BOUNDLESS, WHOLE
from duoceng.policy.catalogue import Catalogue, Item, catalogues_at
from duoceng.policy.values import Context, Value

# Which list a download is of; a list without a code here is one we hold nothing of.
LIST_OF = {"1301": "101", "1302": "102", "1303": "103", "1305": "201", "1306": "301"}
NOT_HELD = ("1307", "1308", "1309", "1310", "1311", "1313", "1314", "1315")
COLUMNS = ("med_list_codg", "hilist_name", "list_type", "med_chrgitm_type", "chrgitm_lv", "lmt_used_flag", "begndate", "enddate", "vali_flag", "ver",
           "source")  # fmt: skip
LIST_OF_KIND = {"drug": "101", "car_t": "101", "material": "301", "surgical_material": "301", "pump_consumable": "301"}
PAGE_MAX = 1000
LEVELS = (("1", "primary"), ("2", "secondary"), ("3", "tertiary"))
SCHEMES = (("310", "employee"), ("390", "resident"))


@dataclass(frozen=True, slots=True)
class Listed:
    """An item, and the catalogue it stands in."""

    item: Item
    catalogue: Catalogue

    @property
    def list_type(self) -> str:
        """The code of the list it stands on."""
        return str(self.item.said.get("list_type") or LIST_OF_KIND.get(str(self.item.answers.get("item_kind")), "201"))


def items_at(front: Front, asked: Asked) -> list[Listed]:
    """All that the catalogues of the place of care hold, in the order of codes."""
    region = front.regions.region(asked.care)
    found = [
        Listed(item, one)
        for one in catalogues_at(front.desk.library, region)
        for dated in one.items.values()
        for item in dated
    ]
    return sorted(found, key=lambda one: (one.item.code, one.item.begins, one.catalogue.name))


def version_of(items: Iterable[Listed]) -> str:
    """The version of a list: the day of its newest entry, and a digest of all."""
    rows = [f"{one.item.code} {one.item.name} {one.item.begins} {one.item.ends} {one.item.item_class}" for one in items]
    newest = max((one.split()[-3] for one in rows), default="0000-00-00").replace("-", "")
    return f"{newest}_{hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:6]}"


@transaction(*LIST_OF, *NOT_HELD)
def download(front: Front, asked: Asked) -> Mapping[str, Any]:
    """A list as a file, if the client has another version of it."""
    wanted = LIST_OF.get(asked.infno)
    items = [one for one in items_at(front, asked) if wanted and one.list_type == wanted]
    version = version_of(items)
    rows = [] if asked.input["data"]["ver"] == version else [row_of(one, front.today, version) for one in items]
    name = f"{asked.infno}_{version}.zip"
    number = keep_file(front, asked, name, write_table(COLUMNS, rows, f"{asked.infno}_{version}.txt"))
    return {
        "file_qury_no": number,
        "filename": name,
        "dld_end_time": until(front)[:10],
        "dld_endtime": until(front),
        "data_cnt": len(rows),
    }


def row_of(one: Listed, today: date, version: str) -> dict[str, Any]:
    """An item as a row of a download."""
    item = one.item
    return {"med_list_codg": item.code, "hilist_name": item.name, "list_type": one.list_type, "med_chrgitm_type": item.said.get("charge_kind"),
            "chrgitm_lv": code_of("item_class", item.item_class), "lmt_used_flag": restricted(item), "begndate": item.begins.isoformat(),
            "enddate": "" if item.ends == date.max else item.ends.isoformat(), "vali_flag": "1" if item.on(today) else "0", "ver": version,
            "source": one.catalogue.name}  # fmt: skip


def restricted(item: Item) -> str:
    """1 where an item is paid within limits only."""
    return "1" if item.said.get("restricted") == "yes" else "0"


# ── paged queries ──


@transaction("1304")
def ethnic_drugs(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Drugs of ethnic medicine."""
    return paged(asked, [entry(one, front, asked) for one in items_at(front, asked) if one.list_type == "104"])


@transaction("1312")
def entries(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What the insurance catalogue says of items."""
    data = asked.input["data"]
    found = [entry(one, front, asked) for one in items_at(front, asked)]
    name = data.get("hilist_name", "")
    return paged(asked, [row for row in found if not name or name in row["hilist_name"]])


@transaction("1316")
def matches(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Medical codes and insurance codes: ours are the same."""
    return paged(asked, [entry(one, front, asked) for one in items_at(front, asked)])


@transaction("1317")
def own_matches(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What the institution matched with national codes (3301)."""
    found = []
    for row in mappings(front, asked.institution.code).values():
        own = {
            "medins_list_codg": row["fixmedins_hilist_id"],
            "medins_list_name": row["fixmedins_hilist_name"],
            "rid": row["fixmedins_hilist_id"],
        }
        found.append(
            {**row, **own, "insu_admdvs": asked.care, "fixmedins_code": asked.institution.code, "vali_flag": "1"}
        )
    return paged(asked, found)


@transaction("1318")
def price_limits(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Price limits, by level of the hospital where they differ."""
    found = []
    for one in items_at(front, asked):
        if one.item.price_limit:
            for code, word in LEVELS:
                limit = value(front, asked, one, one.item.price_limit, {"level": word})
                if limit is not None and limit < BOUNDLESS:
                    found.append(
                        {
                            **entry(one, front, asked),
                            "hilist_lmtpric_type": code,
                            "overlmt_dspo_way": "",
                            "hilist_pric_uplmt_amt": yuan(limit),
                        }
                    )
    return paged(asked, found)


@transaction("1319")
def first_shares(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Shares borne first, by scheme."""
    found = []
    for one in items_at(front, asked):
        for code, word in SCHEMES:
            rate = 0 if one.item.item_class == "class_a" else WHOLE if one.item.item_class == "class_c" else None
            if one.item.borne_first:
                rate = value(front, asked, one, one.item.borne_first, {"scheme": word})
            if rate is not None:
                found.append(
                    {
                        **entry(one, front, asked),
                        "selfpay_prop_psn_type": code,
                        "selfpay_prop_type": "10",
                        "selfpay_prop": rate / WHOLE,
                    }
                )
    return paged(asked, found)


def value(front: Front, asked: Asked, one: Listed, said: Value, answers: dict[str, Any]) -> int | None:
    """A value of an item for some answers; None where it asks for more."""
    known = {**asked.institution.answers, **one.item.answers, "item_class": one.item.item_class, **answers}
    context = Context(known, front.today, front.desk.library.vocabulary, front.desk.library.index)
    found = said.value(context)
    return None if context.missing or context.gaps else found


def entry(one: Listed, front: Front, asked: Asked) -> dict[str, Any]:
    """An item as a row of a query."""
    item = one.item
    begins = item.begins.isoformat()
    return {"hilist_code": item.code, "hilist_name": item.name, "med_list_codg": item.code, "insu_admdvs": asked.insured or asked.care,
            "begndate": begins,
            "enddate": "" if item.ends == date.max else item.ends.isoformat(), "med_chrgitm_type": item.said.get("charge_kind") or "",
            "chrgitm_lv": code_of("item_class", item.item_class), "lmt_used_flag": restricted(item), "list_type": one.list_type,
            "vali_flag": "1" if item.on(front.today) else "0", "rid": f"{one.catalogue.name}/{item.code}/{begins}"[:40], "updt_time": begins,
            "crte_time": begins, "drug_prodname": item.name}  # fmt: skip


FILTERS = ("hilist_code", "med_list_codg", "list_type", "chrgitm_lv", "vali_flag", "med_chrgitm_type", "medins_list_codg", "hilist_lmtpric_type",
           "selfpay_prop_psn_type", "rid")  # fmt: skip


def paged(asked: Asked, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of the rows that fit what was asked; the fields around it as clients read them."""
    data = asked.input["data"]
    fits = [row for row in rows if all(not data.get(name) or str(row.get(name, "")) == data[name] for name in FILTERS)]
    since, when = data.get("updt_time") or "", data.get("query_date") or ""
    fits = [row for row in fits if str(row.get("updt_time") or "9999") >= since and _holds(row, when)]
    number, size = int(data.get("page_num") or 1), min(int(data.get("page_size") or 100), PAGE_MAX)
    if number < 1 or size < 1:
        raise No("page_num、page_size应为正整数")
    begin = (number - 1) * size
    page = fits[begin : begin + size]
    pages = -(-len(fits) // size)
    return {"pageNum": number, "pageSize": size, "size": len(page), "recordCounts": len(fits), "pages": pages, "startRow": begin + 1 if page else 0,
            "endRow": begin + len(page), "firstPage": number == 1, "lastPage": number >= pages, "data": page}  # fmt: skip


def _holds(row: Mapping[str, Any], when: str) -> bool:
    return not when or (
        str(row.get("begndate") or "") <= when and (not row.get("enddate") or when <= str(row["enddate"]))
    )


# ── institutions and code lists ──

LEVEL_CODES = {
    "tertiary": "2",
    "tertiary_a": "2",
    "tertiary_b": "3",
    "secondary": "5",
    "primary": "8",
    "community": "11",
    "township": "11",
}


@transaction("1201")
def institution(front: Front, asked: Asked) -> Mapping[str, Any]:
    """An institution by number or name; the own one where neither is given."""
    data = asked.input["medinsinfo"]
    code, name = data.get("fixmedins_code") or "", data.get("fixmedins_name") or ""
    known = {**front.institutions.known, asked.institution.code: asked.institution}
    found = [one for one in known.values() if (not code or one.code == code) and (not name or name in one.name)]
    if not code and not name:
        found = [asked.institution]
    rows = [{"fixmedins_code": one.code, "fixmedins_name": one.name, "uscc": "", "fixmedins_type": ("2" if one.pharmacy else "1"),
             "hosp_lv": LEVEL_CODES.get(str(one.answers.get("level")), ""), "exp_content": ""}
            for one in found if ("2" if one.pharmacy else "1") == data["fixmedins_type"]]  # fmt: skip
    if not rows:
        raise No("未查询到该定点医药机构")
    return {"medinsinfo": rows}


@transaction("1901")
def code_list(front: Front, asked: Asked) -> Mapping[str, Any]:
    """A code list."""
    data = asked.input["data"]
    known = dictionaries().get(data["type"])
    if known is None:
        raise No(f"没有字典{data['type']}")
    made, parent = day(data["date"]).isoformat(), titles().get(data["type"], "")
    return {"list": [{"type": data["type"], "label": label, "value": code, "parentValue": data.get("parent_value") or "", "sort": at, "valiFlag": "1",
                      "createUser": "duoceng", "createDate": made, "version": 1, "typeName": parent}
                     for at, (code, label) in enumerate(known.items(), 1)]}  # fmt: skip
