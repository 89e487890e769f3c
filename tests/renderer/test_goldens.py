"""Our own small goldens: the reference engine still draws what it drew, and the fast engine draws the same."""

import pytest

from renderer import FontError, choose_engine
from tests.proofs import cannot_prove
from tests.renderer import goldens

each_case = pytest.mark.parametrize("case", goldens.CASES, ids=lambda case: case.name)


def golden_of(case: goldens.Case) -> list[dict]:
    """The recorded pages; skips where the font that drew them is not the one installed."""
    golden = goldens.load()["cases"][case.name]
    try:
        key = case.config.key
    except FontError as missing:
        cannot_prove(str(missing))
    if key != golden["key"]:
        cannot_prove(f"another build of {case.config.font_path.name} is installed than the golden's")
    return golden["pages"]


@each_case
def test_the_reference_engine_draws_the_golden(case):
    golden = golden_of(case)
    drawn_by, here = goldens.load()["versions"], goldens.versions()
    if here != drawn_by:
        cannot_prove(f"goldens were drawn by {drawn_by}, here is {here}; run tests/renderer/goldens.py")
    assert goldens.pages_of(case) == golden


@each_case
def test_the_fast_engine_draws_the_golden_or_says_why_not(case):
    golden = golden_of(case)
    used = choose_engine(case.text, case.config)
    if used.name != "fast":
        assert used.reason
        pytest.skip(f"left to the reference engine: {used.reason}")
    assert goldens.pages_of(case, "fast") == golden
