"""Model output is hostile until checked: the tree holds listed tags and text, nothing that fetches or runs."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from app.markdown.maths import ATTRIBUTES
from app.markdown.maths import TAGS as MATHS_TAGS
from app.markdown.tree import MAX_CHARACTERS, TAGS, markdown_tree
from app.paths import ROOT

ALLOWED = (TAGS - {"span"}) | {f"span.{letter}" for letter in "kscn"}


def tags(tree) -> set[str]:
    if isinstance(tree, str | int):
        return set()
    return {tree[0]}.union(*(tags(child) for child in tree[1:])) if tree else set()


def test_paragraphs_lists_and_emphasis_become_tags():
    assert markdown_tree("**Grace** is *here*") == [["p", ["strong", "Grace"], " is ", ["em", "here"]]]
    assert markdown_tree("- one\n- two") == [["ul", ["li", ["p", "one"]], ["li", ["p", "two"]]]]


def test_a_numbered_list_keeps_its_first_number():
    assert markdown_tree("3. three\n4. four") == [["ol", 3, ["li", ["p", "three"]], ["li", ["p", "four"]]]]


def test_code_of_a_known_language_is_coloured_and_none_of_it_is_lost():
    (block,) = markdown_tree("```python\ndef f(x):\n    return 'a' # b\n```")
    code = block[1]
    assert ["span.k", "def"] in code
    assert ["span.s", "'a'"] in code or ["span.s", "'"] in code
    assert "".join(part if isinstance(part, str) else part[1] for part in code[1:]) == "def f(x):\n    return 'a' # b\n"


def test_code_of_no_known_language_stays_as_it_is():
    assert markdown_tree("```nonsense\n<b>\n```") == [["pre", ["code", "<b>\n"]]]


def test_html_stays_text():
    assert markdown_tree("<script>alert(1)</script>") == [["p", "<script>alert(1)</script>"]]


def test_an_image_is_its_alternative_text_and_no_address():
    assert markdown_tree("![a map](http://tracker.example/x.png)") == [["p", "a map"]]


def test_a_link_keeps_its_words_and_loses_its_target():
    tree = markdown_tree("[the chart](javascript:alert(1)) and <http://a.example>")
    assert "javascript" not in json.dumps([t for t in tree if isinstance(t, list) and t[0] == "a"])
    assert "a" not in tags(["p", *tree])


def test_dollars_are_dollars():
    assert markdown_tree("It cost $5 and $6.") == [["p", "It cost $5 and $6."]]


def test_a_very_long_answer_is_one_plain_paragraph():
    text = "*x* " * (MAX_CHARACTERS // 4 + 1)
    assert markdown_tree(text) == [["p", text]]


@given(st.text(alphabet="ab*_`#>-|[]()!<&$\n \\1.", max_size=200))
def test_only_listed_tags_ever_come_out(text):
    assert {tag.split("@")[0] for tag in tags(["p", *markdown_tree(text)])} <= ALLOWED | MATHS_TAGS | {"span.mb"}


def test_the_browser_builds_the_same_tags_and_no_others():
    script = (ROOT / "app" / "ui" / "assets" / "turn" / "markdown.js").read_text(encoding="utf-8")
    listed = re.search(r"const TAGS = new Set\(\[(.*?)\]\)", script, re.DOTALL)
    formulas, attributes = (
        re.search(rf"const {name} = new Set\(\s*\"(.*?)\"", script) for name in ("MATHS", "MATHS_ATTRIBUTES")
    )
    assert set(re.findall(r'"(\w+)"', listed[1])) == TAGS
    assert set(formulas[1].split()) == MATHS_TAGS
    assert set(attributes[1].split()) == ATTRIBUTES
