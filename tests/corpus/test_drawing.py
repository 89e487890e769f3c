import dataclasses
import io
import pickle

import pytest
from PIL import Image

from app.corpus.drawing import draw
from app.corpus.errors import CorpusError, Undrawn
from app.corpus.looks import FixedLooks, SampledLooks
from app.corpus.page_map import COLUMNS, PageMap
from app.corpus.values import Bounds, SourceText
from app.tokens import visual_tokens
from renderer import render
from renderer.fast import engine as fast

from .conftest import prose

TEXT = prose(1, 700)


class TestDrawing:
    def test_gives_the_renderers_own_pages_with_the_text_that_is_on_them(self, look, config):
        drawn = draw(SourceText("a", TEXT), look, Bounds())
        expected = list(render(TEXT, config))
        assert [page.png for page in drawn.pages] == [page.png for page in expected]
        assert len(drawn.pages) > 3
        assert "".join(page.text for page in drawn.pages) == TEXT
        first = drawn.pages[0]
        with Image.open(io.BytesIO(first.png)) as image:
            assert image.size == (first.width_px, first.height_px)
        assert first.visual_tokens == visual_tokens(first.width_px, first.height_px)
        assert first.settings_key == config.key

    def test_keeps_no_text_for_a_second_time(self, look):
        draw(SourceText("a", TEXT), look, Bounds())
        assert fast.kept_bytes() == 0

    @pytest.mark.parametrize(
        ("text", "bounds", "reason"),
        [
            ("", Bounds(), "no text"),
            (" \n ", Bounds(), "no text"),
            ("x\ud800", Bounds(), "half a character"),
            (TEXT, Bounds(most_characters=100), "more than 100 characters"),
            (TEXT, Bounds(most_png_bytes=20_000), "more than 20,000 bytes"),
            ("宝玉" * 50, Bounds(most_missing=0.1), "lacks more than 10.0 %"),
        ],
    )
    def test_says_why_a_text_gives_no_pages(self, look, text, bounds, reason):
        with pytest.raises(Undrawn, match=reason):
            draw(SourceText("a", text), look, bounds)

    def test_counts_what_the_font_lacks(self, look):
        assert draw(SourceText("a", "plain 宝玉宝 words"), look, Bounds()).missing_glyphs == 3

    def test_one_thread_and_many_give_the_same_pages(self, config):
        one, many = (list(render(TEXT, config, "fast", threads=threads)) for threads in (1, 3))
        assert one == many


class TestLooks:
    def test_fixed_ones_go_by_the_name_alone(self, config):
        looks = FixedLooks((config, dataclasses.replace(config, dpi=60)))
        names = [f"document {i}" for i in range(40)]
        chosen = [looks.settings_of(SourceText(name, "x")).dpi for name in names]
        assert chosen == [looks.settings_of(SourceText(name, "other")).dpi for name in names]
        assert set(chosen) == {60, config.dpi}

    def test_sampled_ones_are_the_same_again_and_differ_from_text_to_text(self):
        looks, again = SampledLooks(3), SampledLooks(3)
        found = [looks.settings_of(SourceText(f"d{i}", TEXT)).key for i in range(6)]
        assert found == [again.settings_of(SourceText(f"d{i}", TEXT)).key for i in range(6)]
        assert len(set(found)) > 3
        assert SampledLooks(4).key != looks.key == again.key

    def test_reach_workers_as_pickles(self, look):
        assert pickle.loads(pickle.dumps(look)) == look


class TestPageMap:
    def test_makes_a_row_of_each_page(self, look):
        batch = {"text": [TEXT, "short"], "url": ["a", "b"]}
        rows = PageMap(look, name_column="url")(batch)
        assert tuple(rows) == COLUMNS
        assert {len(column) for column in rows.values()} == {len(rows["page"])}
        assert rows["document"][-1] == "b"
        assert rows["page"][-2:] == [rows["document"].count("a"), 1]
        assert rows["image"][0]["bytes"].startswith(b"\x89PNG")

    def test_tells_of_texts_without_pages_where_asked(self, look):
        batch = {"text": ["", None, "short"]}
        assert PageMap(look)(batch, [7, 8, 9])["document"] == ["9"]
        rows = PageMap(look, keep_undrawn=True)(batch, [7, 8, 9])
        assert rows["document"] == ["7", "8", "9"]
        assert [bool(reason) for reason in rows["undrawn"]] == [True, True, False]

    def test_refuses_texts_that_nothing_names(self, look):
        with pytest.raises(CorpusError, match="with_indices"):
            PageMap(look)({"text": ["x"]})

    def test_is_taken_by_hugging_faces_map(self, look):
        datasets = pytest.importorskip("datasets", reason="needs datasets (bash scripts/setup-corpus)")
        texts = datasets.Dataset.from_dict({"text": [TEXT, "short"], "url": ["a", "b"]})
        for processes in (None, 2):
            pages = texts.map(
                PageMap(look, name_column="url"),
                batched=True,
                remove_columns=texts.column_names,
                num_proc=processes,
                load_from_cache_file=False,
            ).cast_column("image", datasets.Image())
            expected = draw(SourceText("a", TEXT), look, Bounds()).pages
            assert pages["text"][:-1] == [page.text for page in expected]
            assert pages[0]["image"].size == (expected[0].width_px, expected[0].height_px)
