"""An answer in a file is elements of a fixed list with escaped words: nothing that a model writes links, loads or runs."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from app.markdown.html_text import html_text
from app.markdown.maths import ATTRIBUTES
from app.markdown.maths import TAGS as MATHS_TAGS
from app.markdown.tree import TAGS, markdown_tree


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.words += data


def html(text: str) -> str:
    return html_text(markdown_tree(text))


def test_emphasis_lists_tables_and_code_are_elements():
    assert html("**Grace** is *here*") == "<p><strong>Grace</strong> is <em>here</em></p>"
    assert html("3. three\n4. four") == '<ol start="3"><li><p>three</p></li><li><p>four</p></li></ol>'
    assert "<th>a</th>" in html("| a |\n|---|\n| b |")
    assert '<span class="k">def</span>' in html("```python\ndef f(): pass\n```")


def test_a_formula_is_mathml_with_its_own_attributes():
    seen = Seen(html(r"\(\frac{a}{b}\)"))
    assert {"math", "mfrac"} <= seen.tags


def test_tags_and_addresses_of_an_answer_stay_words():
    seen = Seen(
        html(
            "<script>alert(1)</script> [here](http://tracker.example) [there](javascript:alert(1)) ![x](http://tracker.example/x.png)"
        )
    )
    assert seen.tags == {"p"}
    assert not seen.attributes
    assert "<script>alert(1)</script> here [there](javascript:alert(1)) x" in seen.words


def test_a_tree_that_is_not_on_the_list_becomes_spans():
    made = html_text([["script", "alert(1)"], ["p.x onload=y", "z"], ["mi@onclick=alert@form=prefix", "x"]])
    assert made == '<span>alert(1)</span><p>z</p><mi form="prefix">x</mi>'


@given(st.text(alphabet="ab<>\"'&/=!()[]*_`#|-$\\ \n{}^1", max_size=200))
def test_whatever_is_written_only_listed_elements_come(text):
    seen = Seen(html(text))
    assert seen.tags <= TAGS | MATHS_TAGS
    assert seen.attributes <= ATTRIBUTES | {"class", "start"}
