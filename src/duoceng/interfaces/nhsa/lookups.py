"""What may be looked up: catalogues page by page (1304, 1312, 1316 to 1319), institutions (1201), code lists (1901).

What decides scope is asked here; the medical catalogues of 1301 to 1306 also have what is on a list only. A field of the question that
is empty, or that we hold nothing of, asks for nothing; `updt_time` asks for what changed since, `query_date` for what is in force on a day.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from duoceng.interfaces.nhsa.catalogues import NO, YES, Entry, entries, known_of, place_of, published
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.fields import Field, dictionaries, table_of, titles
from duoceng.interfaces.nhsa.front import Asked, Front, No, yuan
from duoceng.interfaces.nhsa.institutions import Institution
from duoceng.interfaces.nhsa.mapping import OPEN_END, mappings
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.words import code_of
from duoceng.kernel.columns import BOUNDLESS, WHOLE
from duoceng.policy.values import Context, Value

NAMES = ("hilist_name", "medins_list_name", "drug_genname", "drug_prodname", "tcmherb_name")  # a part of them is enough
APART = (
    "insu_admdvs",
    "poolarea_no",
    "tabname",
    "ver",
    "query_date",
    "updt_time",
    "page_num",
    "page_size",
)  # asked in another way, or unknown to us
LEVELS = {"1": "primary", "2": "secondary", "3": "tertiary"}  # hilist_lmtpric_type
SCHEMES = {"310": "employee", "390": "resident"}  # selfpay_prop_psn_type
BORNE_FIRST = "10"  # selfpay_prop_type
HOSPITAL, PHARMACY = "1", "2"
HOSPITAL_LEVELS = {
    "tertiary_a": "2",
    "tertiary_b": "3",
    "tertiary": "12",
    "secondary": "13",
    "primary": "14",
}  # hosp_lv
Row = dict[str, Any]


@transaction("1304")
def ethnic_drugs(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Drugs of the nationalities."""
    found = published(front, asked.infno, place_of(front, asked), front.today)
    return page(
        asked, [{**row, "crte_time": row["crte_time"][:10], "updt_time": row["updt_time"][:10]} for row in found.rows]
    )


@transaction("1312")
def insured_items(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What is in scope, and in which class. Nothing we hold is for medical care only, or for births only."""
    return page(asked, [
        {**row, "hilist_name": entry.item.name, "med_chrgitm_type": entry.charge, "chrgitm_lv": code_of("item_class", entry.item.item_class),
         "lmt_used_flag": YES if entry.item.said.get("restricted") == "yes" else NO, "list_type": entry.list_type, "med_use_flag": YES,
         "matn_used_flag": YES, "memo": entry.item.said.get("indication", "")}
        for entry, row in _in_scope(front, asked)
    ])  # fmt: skip


@transaction("1316")
def matched_items(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Which medical item is which insured item: our documents know one code for both."""
    return page(
        asked,
        [
            {**row, "med_list_codg": entry.item.code, "list_type": entry.list_type}
            for entry, row in _in_scope(front, asked)
        ],
    )


@transaction("1317")
def own_mappings(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What the institution mapped (3301); what it took back is not in force."""
    data, code = asked.input["data"], asked.institution.code
    if data["fixmedins_code"] not in ("", code):
        raise No("只能查询本机构的目录对照，fixmedins_code请填本机构编号")
    place, today = front.regions.code(place_of(front, asked)), front.today.isoformat()
    rows = []
    for said in mappings(front, code, data["medins_list_codg"]):
        flag = NO if said["removed"] or said["enddate"] < today else YES
        item = {"medins_list_codg": said["fixmedins_hilist_id"], "medins_list_name": said["fixmedins_hilist_name"]}
        here = {"fixmedins_code": code, "insu_admdvs": place, "poolarea_no": place, "vali_flag": flag}
        times = dict.fromkeys(("crte_time", "updt_time", "opt_time"), said["at"][:10])
        rows.append(
            {**said, **item, **here, **times, "enddate": "" if said["enddate"] == OPEN_END else said["enddate"]}
        )
    return page(asked, rows)


@transaction("1318")
def price_limits(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The most a unit may cost, by the level of the hospital."""
    rows = []
    for entry, row in _in_scope(front, asked):
        for kind, level in LEVELS.items():
            limit = _number(front, entry, entry.item.price_limit, {"level": level})
            if limit is not None and limit < BOUNDLESS:
                rows.append({**row, "hilist_lmtpric_type": kind, "hilist_pric_uplmt_amt": yuan(limit)})
    return page(asked, rows)


@transaction("1319")
def shares_borne_first(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The share the person bears first, by scheme; class C bears all. An item our documents do not say it of has no row."""
    rows = []
    for entry, row in _in_scope(front, asked):
        for kind, scheme in SCHEMES.items():
            share = _share(front, entry, scheme)
            if share is not None:
                rows.append(
                    {
                        **row,
                        "selfpay_prop_psn_type": kind,
                        "selfpay_prop_type": BORNE_FIRST,
                        "selfpay_prop": share / WHOLE,
                    }
                )
    return page(asked, rows)


def _share(front: Front, entry: Entry, scheme: str) -> int | None:
    if entry.item.item_class == "class_c":
        return WHOLE
    if entry.item.borne_first is None:
        return 0 if entry.item.item_class == "class_a" else None
    return _number(front, entry, entry.item.borne_first, {"scheme": scheme, "item_class": entry.item.item_class})


def _number(front: Front, entry: Entry, value: Value | None, answers: Mapping[str, str]) -> int | None:
    """What a value comes to while its entry is in force; None where there is none, or it asks for more than is known here."""
    if value is None:
        return None
    library, item = front.desk.library, entry.item
    when = min(max(entry.today, item.begins), item.ends)
    context = Context({**item.answers, **answers}, when, library.vocabulary, library.index)
    found = value.value(context)
    return None if context.missing or context.gaps else found


def _in_scope(front: Front, asked: Asked) -> Iterator[tuple[Entry, Row]]:
    """The entries that decide scope at the place a question is about, and what every answer says of them."""
    data = asked.input["data"]
    region, code = place_of(front, asked, data["insu_admdvs"]), data.get("med_list_codg") or data["hilist_code"]
    place = front.regions.code(region)
    for entry in sorted(entries(front, region, code), key=lambda one: (one.item.code, one.item.begins)):
        if entry.decides:
            known = known_of(entry)
            yield entry, {"hilist_code": entry.item.code, "insu_admdvs": place, "poolarea_no": place, "begndate": known["begndate"],
                          "enddate": known["enddate"], "vali_flag": known["vali_flag"], "rid": known["rid"],
                          "crte_time": known["crte_time"][:10], "updt_time": known["updt_time"][:10]}  # fmt: skip


def page(asked: Asked, rows: list[Row]) -> Mapping[str, Any]:
    """One page of what was asked for, with every field of the table. Raises No."""
    data: Input = asked.input["data"]
    number, size = int(data["page_num"]), int(data["page_size"])
    if number < 1 or size < 1:
        raise No("page_num(当前页数)从1开始，page_size(本页数据量)至少为1")
    found = [row for row in rows if _asked_for(row, data)]
    pages, start = -(-len(found) // size), (number - 1) * size
    shown = [{name: row.get(name, "") for name in _names(asked.infno)} for row in found[start : start + size]]
    return {"pageNum": number, "pageSize": size, "size": len(shown), "startRow": start + 1 if shown else 0, "recordCounts": len(found),
            "pages": pages, "firstPage": number == 1, "lastPage": number >= pages, "data": shown}  # fmt: skip


def _names(infno: str) -> list[str]:
    table = table_of(infno)
    assert table is not None
    fields: tuple[Field, ...] = next(node.fields for node in table.answered() if node.many)
    return [field.name for field in fields]


def _asked_for(row: Row, data: Input) -> bool:
    when = data.get("query_date")
    if row["updt_time"] < data["updt_time"] or (
        when and not row["begndate"] <= when <= (row["enddate"] or "9999-12-31")
    ):
        return False
    return all(
        _fits(name, str(row[name]), words)
        for name, words in data.items()
        if words not in ("", None) and name in row and name not in APART
    )


def _fits(name: str, said: str, words: Any) -> bool:
    return str(words) in said if name in NAMES else str(words) == said


@transaction("1201")
def institution(front: Front, asked: Asked) -> Mapping[str, Any]:
    """An institution by number or name; the one that asks, where neither is given. Raises No."""
    data = asked.input["medinsinfo"]
    known = {**front.institutions.known, asked.institution.code: asked.institution}
    code, name = (
        data["fixmedins_code"] or ("" if data["fixmedins_name"] else asked.institution.code),
        data["fixmedins_name"],
    )
    found = [
        one
        for one in known.values()
        if code in ("", one.code) and name in one.name and _type(one) == data["fixmedins_type"]
    ]
    if not found:
        raise No("未查询到该定点医药机构，请核对fixmedins_type、fixmedins_code和fixmedins_name")
    exact = [one for one in found if one.name == name] or found
    if len(exact) > 1:
        raise No(f"有{len(exact)}家机构的名称含「{name[:30]}」，请填fixmedins_code")
    return {"medinsinfo": _told(front, exact[0])}


def _type(one: Institution) -> str:
    return PHARMACY if one.pharmacy else HOSPITAL


def _told(front: Front, one: Institution) -> Row:
    level = str(one.answers.get("level", ""))
    chain = front.desk.library.vocabulary["level"].chains.get(level, [level])
    found = next((HOSPITAL_LEVELS[word] for word in chain if word in HOSPITAL_LEVELS), "")
    return {
        "fixmedins_code": one.code,
        "fixmedins_name": one.name,
        "uscc": "",
        "fixmedins_type": _type(one),
        "hosp_lv": found,
        "exp_content": "",
    }


@transaction("1901")
def code_list(front: Front, asked: Asked) -> Mapping[str, Any]:
    """A code list. Ours are flat and all in force; who made them and when is not known. Raises No."""
    data = asked.input["data"]
    kind = next((name for name in dictionaries() if name.lower() == data["type"].lower()), "")
    if not kind:
        near = [
            f"{name}({words})"
            for name, words in titles().items()
            if data["type"].lower() in name.lower() or data["type"] in words
        ]
        raise No(
            f"没有字典{data['type']}"
            + (f"，是否为：{'、'.join(near[:5])}" if near else "，请填字典的字段名，如med_type")
        )
    rows = dictionaries()[kind].items() if data["Vali_Flag"] != NO else ()
    same = {"type": kind, "parentValue": "", "valiFlag": YES, "createUser": "", "createDate": "", "version": 0}
    return {"list": [{**same, "label": label, "value": value, "sort": at} for at, (value, label) in enumerate(rows, 1)]}
