"""What digests are taken of is the text it always was."""

import json

from hypothesis import given
from hypothesis import strategies as st

from duoceng.base.compact import compact, in_order

THINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(THINGS)
def test_it_is_json_without_spaces(thing: object) -> None:
    assert compact(thing) == json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
    assert in_order(thing) == json.dumps(thing, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert json.loads(compact(thing)) == json.loads(in_order(thing)) == thing
