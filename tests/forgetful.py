"""A library that remembers nothing of what parts of its documents came to: every plan is worked out anew."""

from typing import Any

from duoceng.policy.library import Library


class Forgetful(Library):
    """`Library`, but no path that was gone is kept."""

    @property
    def paths_gone(self) -> dict[tuple[int, ...], Any]:  # type: ignore[override]
        return {}

    @paths_gone.setter
    def paths_gone(self, found: dict[tuple[int, ...], Any]) -> None:
        pass
