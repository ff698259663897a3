"""Audit (明细审核): before the order (3101), while it is made (3102), and what the institution did with a warning (3103).

Nothing supervises yet: messages are checked field by field, and answered with no finding. Neither says that an order is right.
"""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa.front import Asked, Front, number_of
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.session import keep

REPLY = "audit-reply"


@transaction("3101", "3102")
def audit(front: Front, asked: Asked) -> Mapping[str, Any]:
    """No finding."""
    return {"result": []}


@transaction("3103")
def reply(front: Front, asked: Asked) -> None:
    """Keep what an institution did with warnings."""
    keep(front, asked, REPLY, number_of(front, asked), asked.input["data"])
