"""What an institution calls its items, and the national codes they stand for: uploaded (3301), taken back (3302).

Each is a paper that stays: the papers of one local item, numbered, come to which mappings stand. The same mapping uploaded again takes
the place of the one before; a local item stands for one code at a time. The rows of a message are taken together or not at all.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import count
from typing import Any

from duoceng.interfaces.nhsa.catalogues import entries, place_of
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.front import Asked, Front, No, day, paper_before
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.words import title
from duoceng.store.database import Conflict
from duoceng.store.steps import Paper, keep_papers, paper_of, papers_of

MAPPING = "mapping"
ROWS_MAX, TRIES = 100, 5
OPEN_END = "9999-12-31"
Said = Mapping[str, Any]


@transaction("3301")
def upload(front: Front, asked: Asked) -> None:
    """Take mappings. Without days: from today, with no end."""

    def act(row: Input, standing: list[Said]) -> Said:
        data = {**row, "begndate": row["begndate"] or front.today.isoformat(), "enddate": row["enddate"] or OPEN_END}
        _may_stand(front, asked, data)
        for other in standing:
            if (
                _key(other) != _key(data)
                and other["begndate"] <= data["enddate"]
                and data["begndate"] <= other["enddate"]
            ):
                raise No(
                    f"{data['fixmedins_hilist_id']}在此期间已对照{other['med_list_codg']}，请先撤销(3302)，或上传缩短了enddate的原对照"
                )
        return {**data, "removed": False}

    _append(front, asked, act)


@transaction("3302")
def remove(front: Front, asked: Asked) -> None:
    """Take mappings back."""

    def act(row: Input, standing: list[Said]) -> Said:
        if row["fixmedins_code"] != asked.institution.code:
            raise No("fixmedins_code与发送机构不一致，只能撤销本机构的对照")
        found = next((one for one in standing if _key(one) == _key(row)), None)
        if found is None:
            raise No(f"没有{row['fixmedins_hilist_id']}与{row['med_list_codg']}的对照，或已撤销")
        return {**found, "removed": True}

    _append(front, asked, act)


def _may_stand(front: Front, asked: Asked, data: Input) -> None:
    """Raise No where a code is in no catalogue of the place in that time, or on another list."""
    if data["enddate"] < data["begndate"]:
        raise No("enddate(结束日期)早于begndate(开始日期)")
    begins, ends, code = day(data["begndate"]), day(data["enddate"]), data["med_list_codg"]
    known = entries(front, place_of(front, asked), code)
    listed = [entry for entry in known if entry.item.begins <= ends and entry.item.ends >= begins]
    if not listed and not (front.sandbox and not known):
        raise No(f"医疗目录编码{code}不在就医地目录内，或在对照期间无效，请先下载目录核对")
    if listed and data["list_type"] not in {entry.list_type for entry in listed}:
        right = listed[0].list_type
        raise No(f"医疗目录编码{code}的list_type应为{right}({title('list_type', right)})")


def _append(front: Front, asked: Asked, act: Callable[[Input, list[Said]], Said]) -> None:
    """Write the next paper of each row's item, once; somebody was first: look again. Raises No."""
    for _ in range(TRIES):
        if paper_before(front, asked):
            return
        try:
            keep_papers(front.desk.database, front.seal, asked.institution.code, _next(front, asked, act))
            return
        except Conflict:
            continue
    raise No("系统繁忙，请用同一msgid重发")


def _next(front: Front, asked: Asked, act: Callable[[Input, list[Said]], Said]) -> list[Paper]:
    """A paper for each row, each on top of those before; the first has the message. Raises No, naming the row."""
    rows = asked.input["data"]
    if len(rows) > ROWS_MAX:
        raise No(f"每次最多{ROWS_MAX}条，实有{len(rows)}条，请分次上传")
    known: dict[str, list[Paper]] = {}
    found: list[Paper] = []
    for at, row in enumerate(rows, 1):
        local = row["fixmedins_hilist_id"]
        papers = (
            known[local] if local in known else known.setdefault(local, _papers(front, asked.institution.code, local))
        )
        try:
            said = act(row, [one for one in _last(papers).values() if not one["removed"]])
        except No as no:
            raise No(f"第{at}行：{no}" if len(rows) > 1 else str(no)) from None
        paper = Paper(MAPPING, _id(local, len(papers) + 1), "" if found else asked.msgid, asked.digest, asked.now, said)
        papers.append(paper)
        found.append(paper)
    return found


def _papers(front: Front, institution: str, local: str) -> list[Paper]:
    found: list[Paper] = []
    for at in count(1):
        paper = paper_of(front.desk.database, front.seal, institution, MAPPING, _id(local, at))
        if paper is None:
            break
        found.append(paper)
    return found


def _id(local: str, at: int) -> str:
    return f"{sha256(local.encode()).hexdigest()[:32]}/{at:06d}"


def _key(said: Said) -> tuple[str, str, str]:
    return said["fixmedins_hilist_id"], said["list_type"], said["med_list_codg"]


def _last(papers: list[Paper]) -> dict[tuple[str, str, str], Said]:
    """The last word on each mapping, with when it was said."""
    return {_key(paper.said): {**paper.said, "at": paper.at, "rid": paper.id.replace("/", "")} for paper in papers}


def mappings(front: Front, institution: str, local: str = "") -> list[Said]:
    """The last word on each mapping of an institution, or of one of its items; those taken back too."""
    if local:
        return list(_last(_papers(front, institution, local)).values())
    papers = papers_of(front.desk.database, front.seal, institution, MAPPING)
    return list(_last(sorted(papers, key=lambda paper: paper.id)).values())
