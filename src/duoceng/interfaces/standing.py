"""Where a member stands, in words: deductibles borne and ceilings used, for a page that draws them as gauges."""

from collections.abc import Iterable, Mapping
from typing import Any

from duoceng.engine.standing import standing
from duoceng.engine.words import say
from duoceng.records.settlement import Settlement


def standing_as_json(
    settlements: Iterable[Settlement], sums: Mapping[str, int], lang: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each running sum once, by the last of the settlements that goes by it; amounts in fen."""
    rows: dict[str, dict[str, Any]] = {}
    for settlement in settlements:
        for one in standing(settlement, sums):
            layer = settlement.plan.layers[one.layer]
            title = layer.title if lang == "zh" else layer.english or layer.title
            ceiling = names.get(f"{layer.id} ceiling {one.name}", one.name)
            rows[f"{layer.id} {one.sum}"] = {
                "tier": layer.tier, "layer": layer.id, "title": title, "of": one.of,
                "label": say("move_deductible", lang) if one.of == "deductible" else ceiling, "limit": one.limit, "used": one.used,
                "period": one.sum.rpartition("@")[2], "status": one.clause.status if one.clause else "",
            }  # fmt: skip
    return list(rows.values())
