"""TeX in answers: what becomes MathML, what stays as it was written, and what a hostile model gets through, which is nothing."""

import json
import random
import re

import pytest

from app.markdown.maths import MAX_DEPTH, MAX_FORMULA_CHARACTERS, formula, held_back_from
from app.markdown.stream import MarkdownStream, whole
from app.markdown.tree import markdown_tree

TAG = re.compile(r"[a-z0-9]+(\.[a-z]{1,3})?(@[a-z]+=[A-Za-z0-9.+% -]{1,24})*")
ANSWERS = [
    "The root is $x^2$, so\n\n$$\n\\frac{a}{b}\n$$\n\nand that is all.",
    "In words \\(a_1 * b_1 * c\\) and\n\\[ \\sum_{i=1}^n i \\]\nmore.",
    "1. first \\[ x \\]\n2. second $y$",
]


def flat(tree) -> str:
    return json.dumps(tree, ensure_ascii=False)


def tags(tree) -> list[str]:
    if isinstance(tree, str | int):
        return []
    return [tree[0], *(tag for child in tree[1:] for tag in tags(child))]


def depth(tree) -> int:
    return 0 if isinstance(tree, str | int) else 1 + max((depth(child) for child in tree[1:]), default=0)


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("a $x^2$ b", False),
        (r"a \(x^2\) b", False),
        ("$$\nx^2\n$$", True),
        ("\\[\nx^2\n\\]", True),
        ("a\n\\[x^2\\]\nb", True),
    ],
)
def test_each_way_of_writing_a_formula_is_understood(text, block):
    found = flat(markdown_tree(text))
    assert '["msup", ["mi", "x"], ["mn", "2"]]' in found
    assert f"math@display={'block' if block else 'inline'}" in found
    assert "$" not in found
    assert "\\[" not in found
    assert "\\(" not in found


@pytest.mark.parametrize(
    "text", ["It costs $5 and $10.", "`$x$`", "```\n$$x$$\n```", r"\$5$ and \$6$", "a $ b $ c", "[x] (y)"]
)
def test_money_and_code_are_no_formulas(text):
    assert "math" not in flat(markdown_tree(text))


def test_environments_models_write_are_understood():
    found = flat(markdown_tree("$$\\begin{aligned}a&=b\\\\c&=d\\end{aligned}$$"))
    assert found.count('"mtr"') == 2
    assert '"&"' not in found


@pytest.mark.parametrize(
    "tex", [r"\unknown x", r"x^", r"\frac", "x" * (MAX_FORMULA_CHARACTERS + 1), "x^{" * 300 + "}" * 300, "{" * 500]
)
def test_what_is_not_understood_is_shown_as_it_was_written(tex):
    assert formula(tex, block=True) == ["code", tex]


def test_a_hostile_formula_becomes_nothing_but_tags_and_attributes_of_the_list():
    hostile = [
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(http://evil.example/x)}{x}",
        r"\class{evil}{x}",
        "<script>alert(1)</script>",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\color{red;background:url(x)}{x}",
        r"\rule{9999em}{9999em}",
    ]
    dice = random.Random(7)
    pieces = [
        "\\frac",
        "{",
        "}",
        "^",
        "_",
        "\\sqrt",
        "[",
        "]",
        "&",
        "\\\\",
        "\\left(",
        "\\right)",
        "x",
        "<",
        "\\begin{matrix}",
        "\\text",
        "\0",
    ]
    hostile += ["".join(dice.choices(pieces, k=dice.randint(1, 40))) for _ in range(400)]
    for tex in hostile:
        tree = formula(tex, block=dice.random() < 0.5)
        assert depth(tree) <= MAX_DEPTH + 4
        assert all(TAG.fullmatch(tag) for tag in tags(tree)), tex
        told = " ".join(tags(tree))
        assert not any(word in told for word in ("href", "style=", "class", "on", "url") if f"@{word}" in told)


@pytest.mark.parametrize("answer", ANSWERS)
def test_while_it_streams_no_half_formula_is_shown_and_what_was_shown_stays(answer):
    stream, before, done = MarkdownStream(), "", []
    for letter in answer:
        step = stream.feed(letter)
        done += step.done
        now = flat(done + step.tail)
        assert "frac{" not in now
        assert "sum_" not in now
        assert now.count("math@") >= before.count("math@")  # a formula that was shown is never taken back
        before = now
    assert whole(answer).done + whole(answer).tail == markdown_tree(answer)
    assert done + step.tail == markdown_tree(answer)


def test_what_only_looks_like_a_formula_is_not_kept_back_for_long():
    assert held_back_from("It costs $5 and more") == len("It costs $5 and more")
    long = "the variable $HOME is where everything of mine lies, and it always was, for years"
    assert held_back_from(long) == len(long)
    assert held_back_from("a \\(x + ") == 2
    assert held_back_from("a \\[" + "x" * 900) == 904
    assert held_back_from("in `$x` and") == len("in `$x` and")
    assert whole("It ends with \\(x").tail == markdown_tree("It ends with \\(x")  # over: shown as it is
