"""Text from outside is shown as it is, fetched from nowhere: every sink of the screens is looked at."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.books import book_from_text
from app.bookshelf.shelf import shelf
from app.bookshelf.source import BookSource
from app.endpoints.pair import ServerPair
from app.paths import ROOT
from app.ui.outside import MAX_CHARACTERS, in_badge, one_line, plain
from tests.ui.asking import SCRIPT, pair_of

# What Streamlit draws as Markdown: the sink, and which of its arguments.
MARKDOWN = {
    **dict.fromkeys(("title", "header", "subheader", "markdown", "caption", "badge", "write", "popover", "tabs"), (0,)),
    **dict.fromkeys(("error", "warning", "info", "success", "exception", "toast", "latex"), (0,)),
    **dict.fromkeys(
        ("expander", "status", "spinner", "dialog", "table", "html", "feedback", "form_submit_button"), (0,)
    ),
    **dict.fromkeys(("button", "link_button", "download_button", "toggle", "checkbox", "chat_input"), (0,)),
    **dict.fromkeys(("slider", "select_slider", "number_input", "text_input", "text_area", "file_uploader"), (0,)),
    **dict.fromkeys(("selectbox", "multiselect", "date_input", "time_input", "color_picker"), (0,)),
    **dict.fromkeys(("radio", "pills", "segmented_control"), (0, 1)),
    "metric": (0, 1, 2),
    "progress": (1,),
}
KEYWORDS = {"label", "body", "help", "text", "captions", "value", "delta"}
VALUE_IS_MARKDOWN = {"metric"}
DRAWS_OPTIONS = {"radio", "pills", "segmented_control"}
# These give our own words or numbers, whatever they are given.
OURS = {
    "plain",
    "in_badge",
    "escape",
    "len",
    "fewer_tokens",
    "time_words",
    "share_of_book",
    "window_share",
    "pace",
    "encoding_name",
    "duration_words",
    "later_or_sooner",
    "job_note",
    "stage_rows",
    "server_rows",
    "_chapters_help",
    "_cost",
}
# Names that hold our own words, numbers, or text that went through plain() before; by file.
INSIDE = {
    "app/ui/book/card.py": {"wrapped", "len(notes) - _MOST_NOTES"},
    "app/ui/book/chapters_dialog.py": {"how", "' · '.join(parts)"},  # numbers
    "app/ui/compare/answer_settings.py": {"differing", "sheet.words"},  # labels of settings
    "app/ui/compare/book_figures.py": {  # plain() and escape() within; numbers; the settings table's own words
        *("told", "''.join(rows)", "ratio", "' '.join(doubtful)")
    },
    "app/ui/compare/book_summary.py": {"label", "_one_line(now, count, cut, look)"},  # plain() within
    "app/ui/compare/question_box.py": {"more"},  # a number
    "app/ui/search/candidate.py": {"score.n", "held.n", "noise"},
    "app/ui/search/plan.py": {"search_id"},  # no widget: the desk's header(search_id)
    "app/ui/search/screen.py": {"begin_words()", "kept.total - kept.scored"},  # our own words; a number
    "app/ui/evaluate/item_view.py": {"result.outcome", "only"},  # our four outcomes
    "app/ui/evaluate/plan_section.py": {"label", "missing"},  # our own words
    "app/ui/evaluate/results.py": {"label", "path"},  # our own words; a ZIP's own write
    "app/ui/evaluate/screen.py": {"one.total - one.settled"},
    "app/ui/history/share_buttons.py": {"label", "about"},  # the forms' own words
    "app/ui/prefill/factors.py": {  # the factors' own words and sources
        *("FACTORS[one.name].label", "factor.label", "factor.source", "labels", "'; '.join(still)"),
        "'\\n'.join((f'- {one}' for one in ASSUMPTIONS))",
    },
    "app/ui/prefill/sweep_charts.py": {"_pace(header)", "failed", "one.sentence"},  # numbers, our own words
    "app/ui/prefill/what_if.py": {  # figures, and our own words
        *("_need_words(need)", "scores", "_setting_row(one, need)", "name", "label"),
        "_row('Text model, Qwen3-8B', QWEN3_8B, text, need, gpu, at_once, serving)",
        "_row(f'Glyph at {ratio:.2f}×', GLYPH, pages, need, gpu, at_once, serving)",
    },
    "app/ui/history/blind_vote.py": {"name", "words"},  # "Answer A", "A is better"
    "app/ui/history/comparing.py": {  # plain() and escape() within; our own words and numbers
        *("_row(entry)", "list(AXES)", "' '.join(told)", "more", "_marked(stretches)", "begin")
    },
    "app/ui/history/keep_panel.py": {"now.value", "', '.join(Keep)"},  # words of Keep
    "app/ui/history/run_list.py": {  # figures and our own words; `told` went through plain()
        *("' · '.join(told)", "side_words(entry, Role.TEXT)", "side_words(entry, Role.PAGES)", "ratio_words(entry)"),
        *("star", "state_now", "kind(entry)"),
    },
    "app/ui/history/screen.py": {"list(MARKS)", "not_kept"},  # our own words
    "app/ui/history/deleted.py": {"number"},
    "app/ui/history/tidy_up.py": {"list(_OLDER)", "plan.sentence", "when(entry)"},  # numbers, a day
    "app/ui/frame.py": {"name"},  # "Text model", "Glyph"
    "app/ui/prefill/one_reader.py": {"rows", "told"},  # numbers; our own words
    "app/ui/prefill/many_requests.py": {  # numbers; the projection's own words about its factors
        *(
            "_row(name, shape, prompt, per_token, gpu, answer, users, serving)",
            "answer",
            "factor.label",
            "factor.source",
        ),
        *("_seconds(speedup.text.seconds_per_sample)", "_seconds(speedup.pages.seconds_per_sample)"),
    },
    "app/ui/prefill/sweep_section.py": {  # numbers; the sweep's own words
        *("_progress_words(look)", "one.total - one.settled", "books", "one.sentence", "pace", "failed"),
        *("_forecast_words(plan, pair)", "servers_missing"),
    },
    "app/ui/export_menu.py": {"note", "file.label"},  # our own words
    "app/ui/servers/telling.py": {"metric_rows(told)", "simulated", "kind"},  # numbers; our own words
    "app/ui/servers/screen.py": {"rows", "elapsed", "server.restarts", "Role.TEXT", "Role.PAGES"},  # plain() within
}
NUMBER = re.compile(r"[+]?,?(\.\d+)?[fg%d]?")


def texts_of(call: ast.Call, sink: str):
    for at in MARKDOWN[sink]:
        if at < len(call.args):
            yield call.args[at]
    for keyword in call.keywords:
        if keyword.arg in KEYWORDS and (keyword.arg != "value" or sink in VALUE_IS_MARKDOWN):
            yield keyword.value


def outside_in(node: ast.AST, inside: set[str]) -> list[str]:
    """The parts of an expression that nobody vouches for."""
    ours = isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())
    if ours or ast.unparse(node) in inside:
        return []
    if isinstance(node, ast.JoinedStr):
        return [found for part in node.values for found in outside_in(part, inside)]
    if isinstance(node, ast.FormattedValue):
        spec = ast.unparse(node.format_spec).strip("f'\"") if node.format_spec else ""
        return [] if spec and NUMBER.fullmatch(spec) else outside_in(node.value, inside)
    if isinstance(node, ast.IfExp):
        return outside_in(node.body, inside) + outside_in(node.orelse, inside)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return outside_in(node.left, inside) + outside_in(node.right, inside)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
        return outside_in(node.value, inside)
    if isinstance(node, ast.List | ast.Tuple | ast.Dict):
        parts = node.elts if not isinstance(node, ast.Dict) else [*node.keys, *node.values]
        return [found for part in parts for found in outside_in(part, inside)]
    if isinstance(node, ast.ListComp):
        return outside_in(node.elt, inside)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in OURS:
        return []
    return [ast.unparse(node)]


def unvouched(source: str, inside: set[str]) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MARKDOWN:
            sink = node.func.attr
            options = {"format_func"} & {keyword.arg for keyword in node.keywords}
            for at, text in enumerate(texts_of(node, sink)):
                if sink in DRAWS_OPTIONS and at == 1 and options:
                    continue
                found += [f"{node.lineno}: {sink}({part})" for part in outside_in(text, inside)]
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "app" / "ui").rglob("*.py")), ids=lambda path: path.stem)
def test_every_text_that_is_drawn_is_ours_or_went_through_plain(path):
    name = str(path.relative_to(ROOT))
    assert unvouched(path.read_text(encoding="utf-8"), INSIDE.get(name, set())) == []


@pytest.mark.parametrize(
    "source",
    [
        "st.title(book.title)",
        "st.error(f'It failed: {error}')",
        "left.metric('Tokens', count)",
        "st.button('Ask', help=state.detail)",
        "st.progress(0.5, text=job.what)",
        "st.table({'Model': endpoint.model})",
        "st.markdown('**' + title + '**')",
        "st.caption(title if title else 'none')",
        "st.pills('Questions', questions)",
        "st.badge(f'{name:>10}')",
    ],
)
def test_the_look_sees(source):
    assert unvouched(source, set())


HOSTILE = (
    "![x](http://spy.test/a.png) [l](http://spy.test) :smile: :red[r] $x$ <img src=http://spy.test/b.png> `c` # **b**"
)


def test_nothing_in_a_hostile_text_stays_markdown():
    # Every character that could begin a construct has its backslash; what is replaced in text nodes is parted.
    shown = plain(HOSTILE)
    assert re.search(r"(?<!\\)[!\[\]()`*_#<>$:]", shown) is None
    assert shown.replace("\\", "").replace("\u2060", "") == HOSTILE


@pytest.mark.parametrize(
    "text", ["a -> b", "a <- b", "a -- b", "a >= b", ":streamlit:", "http://spy.test", "www.spy.test", "a@spy.test"]
)
def test_what_is_replaced_in_text_nodes_is_parted(text):
    assert "\u2060" in plain(text)
    assert plain(text).replace("\\", "").replace("\u2060", "") == text


def test_a_title_of_many_lines_is_one_line_and_what_cannot_be_sent_is_marked():
    assert one_line("A\n\n# B\r\n    C\t D") == "A # B C D"
    assert one_line("half \ud83d of a pair") == "half \ufffd of a pair"
    assert one_line("a\x00b\x1bc\u202ed") == "abcd"
    assert len(plain("x" * 1_000_000)) == MAX_CHARACTERS
    assert one_line("x" * 30, 10) == "xxxxxxxxx…"


def test_a_badge_gets_its_brackets_unescaped_because_streamlit_escapes_them():
    assert in_badge("![x](y)") == "\\![x]\\(y\\)"


def everything_drawn(app) -> str:
    """All words of a page but those of our own components and of tables on a canvas, which draw no Markdown."""
    drawn = []
    for node in app._tree:
        proto = getattr(node, "proto", None)
        if proto is not None and node.type not in ("bidi_component", "arrow_data_frame", "code", "text_area"):
            drawn.append(str(proto))
    return "\n".join(drawn)


@pytest.mark.parametrize("page", ["compare", "pages", "prefill", "servers"])
def test_no_page_draws_a_picture_that_a_book_a_link_or_a_server_names(page, monkeypatch):
    from app.ui.compare import screen
    from app.ui.rendering import screen as pages_screen
    from app.ui.servers import screen as servers_screen

    class Nowhere:
        url = "http://127.0.0.1:9/" + HOSTILE

    for reachable in (True, False):
        pair = pair_of(Nowhere, Nowhere, detail=HOSTILE, version=HOSTILE, model=HOSTILE, reachable=reachable)
        pair = ServerPair(
            replace(pair.text, endpoint=replace(pair.text.endpoint, model=HOSTILE)),
            replace(pair.pages, endpoint=replace(pair.pages.endpoint, model=HOSTILE)),
            HOSTILE,
        )
        for one in (screen, pages_screen, servers_screen):
            monkeypatch.setattr(one, "servers_now", lambda pair=pair: pair)
        app = AppTest.from_file(str(SCRIPT), default_timeout=60)
        app.run()
        now = app.session_state["glyph"]
        text = f"CHAPTER I {HOSTILE}\n\nIt began.\n\nCHAPTER II {HOSTILE}\n\nIt ended.\n" * 3
        book = replace(book_from_text(text, HOSTILE), notes=(HOSTILE,) * 3)
        source = BookSource(HOSTILE, book)
        now.open_book(source.book, shelf().put(source.book), source=source)
        now.draft, now.draft_error = HOSTILE, HOSTILE
        now.messages.say(HOSTILE)
        if page != "compare":
            app.switch_page(str(ROOT / "pages" / f"{page}.py"))
        app.run()
        assert not app.exception
        drawn = everything_drawn(app)
        assert "spy" in drawn or page == "prefill"
        for construct in (r"!\[x\]\(http", r"\[l\]\(http", "<img src", r":red\[r\]", r"\$x\$"):
            assert re.search(r"(?<!\\)" + construct, drawn) is None, construct


def test_a_no_break_space_stays_and_other_spaces_become_one():
    assert one_line("\u00a0cut to\u2003\n 50\u00a0%\t") == "cut to 50\u00a0%"
