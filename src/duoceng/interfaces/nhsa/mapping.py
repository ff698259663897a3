"""An institution's own items matched with national codes (3301), and a match taken away (3302)."""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa.front import Asked, Front, No, day, number_of, paper_before
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.session import keep
from duoceng.policy.catalogue import item_at
from duoceng.store.steps import papers_of

MATCH = "match"


def mappings(front: Front, institution: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What stands matched: by own number and list."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for paper in papers_of(front.desk.database, front.seal, institution, MATCH):
        row: dict[str, Any] = dict(paper.said)
        key = (row["fixmedins_hilist_id"], row["list_type"])
        if row.pop("gone", False):
            found.pop(key, None)
        else:
            found[key] = {**row, "updt_time": paper.at[:10], "crte_time": paper.at[:10]}
    return found


@transaction("3301")
def match(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Match an own item with a national code."""
    data = asked.input["data"]
    if data["enddate"] < data["begndate"]:
        raise No(f"结束日期{data['enddate']}早于开始日期{data['begndate']}")
    region = front.regions.region(asked.care)
    if not front.sandbox and item_at(front.desk.library, region, data["med_list_codg"], day(data["begndate"])) is None:
        raise No(f"医疗目录编码{data['med_list_codg']}不在本地目录内或当日无效")
    keep(front, asked, MATCH, number_of(front, asked), data)
    return {}


@transaction("3302")
def unmatch(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Take a match away."""
    data = {name: asked.input[name] for name in ("fixmedins_code", "fixmedins_hilist_id", "list_type", "med_list_codg")}
    if data["fixmedins_code"] != asked.institution.code:
        raise No("只能撤销本机构的目录对照")
    found = mappings(front, asked.institution.code).get((data["fixmedins_hilist_id"], data["list_type"]))
    if (found is None or found["med_list_codg"] != data["med_list_codg"]) and paper_before(front, asked) is None:
        raise No("没有这条目录对照")
    keep(front, asked, MATCH, number_of(front, asked), {**data, "gone": True})
    return {}
