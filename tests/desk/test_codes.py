"""The two codes: who shows them, for how long, and that only their hash is kept."""

from datetime import timedelta
from pathlib import Path

import pytest

from databases import ENGINES, a_database
from desk.desks import a_counter, with_members
from duoceng.base.mistakes import Refused
from duoceng.desk.codes import BASIC, COMMERCIAL, issue, whose
from duoceng.policy.library import Library


@pytest.mark.parametrize("engine", ENGINES)
def test_a_code_is_good_for_its_kind_and_its_minutes(engine: str, tmp_path: Path, library: Library) -> None:
    with a_database(engine, tmp_path) as database:
        counter = a_counter(database, library)
        with_members(counter, "ada")
        code, until = issue(counter.desk, "ada", BASIC)

        assert whose(counter.desk, code, BASIC) == "ada"
        assert until == counter.clock.now + timedelta(minutes=5)
        assert code not in str(database.rows("SELECT * FROM code"))
        for wrong, kind in ((code, COMMERCIAL), (code[:-1], BASIC), ("", BASIC)):
            with pytest.raises(Refused, match="D014"):
                whose(counter.desk, wrong, kind)
        counter.clock.now = until
        with pytest.raises(Refused, match="D014"):
            whose(counter.desk, code, BASIC)
        with pytest.raises(Refused, match="D001"):
            issue(counter.desk, "nobody", BASIC)
        issue(counter.desk, "ada", COMMERCIAL)
        assert len(database.rows("SELECT * FROM code")) == 1
