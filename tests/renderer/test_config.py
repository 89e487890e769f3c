"""RenderConfig: every key of Glyph's, tolerant reading, exact writing, and refusals that name both values."""

import dataclasses
import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer import Alignment, ConfigError, RenderConfig
from renderer.settings.newline_markup import BREAK, RED_MARK, NewlinePiece, parse_newline_markup
from renderer.settings.page_snapping import snapped_length_pt, snapped_up_px
from renderer.settings.paper_sizes import PAPER_SIZES_PT
from renderer.settings.table import BY_FIELD

ROOT = Path(__file__).resolve().parents[2]
GOLDEN_CONFIGS = sorted((ROOT.parent / "shared" / "golden" / "configs").glob("*.json"))
SHIPPED = [ROOT / "configs/en.json", ROOT / "configs/zh.json", *sorted((ROOT / "configs/themes").glob("*.json"))]


def config(**settings) -> RenderConfig:
    return RenderConfig.from_mapping({"font-path": "Vera.ttf", **settings})


class TestReading:
    def test_absent_keys_get_the_defaults_of_glyphs_script(self):
        made = config()
        assert (made.page_width_pt, made.page_height_pt) == (595.2755905511812, 841.8897637795277)  # reportlab's A4
        assert (made.dpi, made.font_size_pt, made.leading_pt, made.horizontal_scale) == (72, 9, 10, 1)
        assert (made.margin_x_pt, made.margin_y_pt, made.newline_markup) == (20, 20, "<br/>")
        assert (made.font_color, made.page_background, made.border_color) == ("#000000", "#FFFFFF", "#FFFFFF")
        assert made.alignment is Alignment.JUSTIFY
        assert [made.auto_crop_width, made.auto_crop_last_page, made.snap_to_28] == [False] * 3

    def test_absent_line_height_is_font_size_plus_one(self):
        assert config(**{"font-size": 12}).leading_pt == 13
        assert config(**{"font-size": 12, "line-height": None}).leading_pt == 13

    def test_unknown_alignment_is_justify_as_in_glyphs_script(self):
        assert config(alignment="left").alignment is Alignment.JUSTIFY
        assert config(alignment="LEFT").alignment is Alignment.LEFT

    @pytest.mark.parametrize("raw", ["595,842", "[595,842]", "595, 842", [595, 842], ["595", 842.0], "595x842"])
    def test_page_size_is_read_in_every_spelling(self, raw):
        made = config(**{"page-size": raw})
        assert (made.page_width_pt, made.page_height_pt) == (595, 842)

    @pytest.mark.parametrize("name", ["A4", "letter", "Legal", "TABLOID"])
    def test_page_size_may_be_a_papers_name(self, name):
        made = config(**{"page-size": name})
        assert (made.page_width_pt, made.page_height_pt) == PAPER_SIZES_PT[name.upper()]

    def test_numbers_may_be_strings(self):
        made = config(**{"dpi": "96", "font-size": "8.5", "line-height": "10", "horizontal-scale": "0.9"})
        assert (made.dpi, made.font_size_pt, made.leading_pt, made.horizontal_scale) == (96, 8.5, 10, 0.9)

    def test_unknown_keys_are_named_and_ignored(self):
        made = config(**{"fancy-mode": 1, "zoom": 2})
        assert made.notes == ("Ignored keys that Glyph does not have: fancy-mode, zoom.",)
        assert made == config()
        assert made.key == config().key

    def test_colours_are_read_in_each_of_reportlabs_spellings(self):
        made = config(**{"font-color": "#d4d4d4", "page-bg-color": "0x1e1e1e", "para-bg-color": "1E1E1E"})
        assert (made.font_color, made.page_background, made.paragraph_background) == ("#D4D4D4", "#1E1E1E", "#1E1E1E")

    @pytest.mark.parametrize("content", ["", "[1]", "{", '"x"', "\udcff", "[" * 100_000])
    def test_a_file_that_is_no_config_is_refused_by_name(self, tmp_path, content):
        path = tmp_path / "bad.json"
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(ConfigError, match=re.escape(str(path))):
            RenderConfig.load(path)

    def test_a_missing_file_is_refused_by_name(self, tmp_path):
        with pytest.raises(ConfigError, match="no config file"):
            RenderConfig.load(tmp_path / "none.json")


class TestWriting:
    @pytest.mark.parametrize("path", SHIPPED + GOLDEN_CONFIGS, ids=lambda p: p.stem)
    def test_a_round_trip_changes_nothing(self, path, tmp_path):
        made = RenderConfig.load(path)
        made.save(tmp_path / "saved.json")
        again = RenderConfig.load(tmp_path / "saved.json")
        assert again == made
        assert again.key == made.key

    @pytest.mark.skipif(not GOLDEN_CONFIGS, reason="needs ../shared/golden/configs")
    def test_glyphs_own_files_come_out_as_they_went_in(self):
        for path in GOLDEN_CONFIGS:
            original = json.loads(path.read_text())
            written = RenderConfig.load(path).to_mapping()
            assert {key: written[key] for key in original} == original
            assert set(written) - set(original) == {"para-border-color"}

    def test_our_own_key_is_written_only_when_it_is_on(self):
        assert "snap-to-28" not in config().to_mapping()
        assert config(**{"snap-to-28": True}).to_mapping()["snap-to-28"] is True
        assert "fallback-fonts" not in config().to_mapping()
        made = config(**{"fallback-fonts": ["DejaVuSans.ttf"]})
        assert made.to_mapping()["fallback-fonts"] == ["DejaVuSans.ttf"]
        assert RenderConfig.from_mapping(made.to_mapping()).key == made.key


class TestKey:
    def test_every_field_that_affects_pixels_changes_the_key(self):
        base = config()
        changed = {
            "page_width_pt": 500.0,
            "page_height_pt": 700.0,
            "dpi": 96,
            "margin_x_pt": 11.0,
            "margin_y_pt": 11.0,
            "font_size_pt": 8.0,
            "leading_pt": 11.0,
            "font_color": "#000001",
            "alignment": Alignment.LEFT,
            "horizontal_scale": 0.9,
            "first_line_indent_pt": 1.0,
            "left_indent_pt": 1.0,
            "right_indent_pt": 1.0,
            "space_before_pt": 1.0,
            "space_after_pt": 1.0,
            "border_width_pt": 1.0,
            "border_padding_pt": 1.0,
            "border_color": "#000001",
            "page_background": "#000001",
            "paragraph_background": "#000001",
            "auto_crop_width": True,
            "auto_crop_last_page": True,
            "newline_markup": RED_MARK,
            "snap_to_28": True,
            "font_path": base.font_path.with_name("DejaVuSans.ttf"),
            "fallback_fonts": (base.font_path.with_name("DejaVuSans.ttf"),),
        }
        assert set(changed) == {field.name for field in dataclasses.fields(RenderConfig)} - {"notes"}
        keys = {dataclasses.replace(base, **{name: value}).key for name, value in changed.items()}
        assert len(keys | {base.key}) == len(changed) + 1

    def test_the_same_font_elsewhere_is_the_same_key(self, tmp_path):
        base = config()
        copy = tmp_path / "Other name.ttf"
        copy.write_bytes(base.font_path.read_bytes())
        assert dataclasses.replace(base, font_path=copy).key == base.key

    def test_nine_and_nine_point_nought_are_one_setting(self):
        assert config(**{"font-size": 9}).key == config(**{"font-size": 9.0}).key


class TestRefusals:
    @pytest.mark.parametrize(
        ("given_settings", "named"),
        [
            ({"font-size": 12, "line-height": 10}, ("Leading of 10 pt", "font size of 12 pt", "use 12 pt or more")),
            (
                {"page-size": "595,842", "margin-x": 400},
                ("Side margins of 400 pt", "595 pt page", "use 287 pt or less"),
            ),
            ({"page-size": "200,300", "margin-x": 100}, ("Side margins of 100 pt", "200 pt page", "use 89.5 pt")),
            (
                {"page-size": "200,300", "margin-y": 150},
                ("Top and bottom margins of 150 pt", "300 pt page", "use 139 pt"),
            ),
            (
                {"page-size": "200,300", "left-indent": 90, "right-indent": 70},
                ("Left indent of 90 pt and right indent of 70 pt", "148 pt line", "use 69 pt or less"),
            ),
            (
                {"page-size": "200,300", "first-line-indent": 145},
                ("First-line indent of 145 pt", "148 pt", "use 139 pt"),
            ),
            (
                {"first-line-indent": -50, "left-indent": 10},
                ("First-line indent of -50 pt", "left indent of 10 pt", "side margins of 20 pt", "use -30 pt or more"),
            ),
            (
                {"page-size": "200,60", "font-size": 9, "line-height": 12},
                ("Top and bottom margins of 20 pt", "60 pt page", "use 18 pt or less"),
            ),
            ({"page-size": "36,300", "font-size": 30}, ("Page width of 36 pt", "a letter of 30 pt", "42 pt or more")),
            ({"dpi": 1200, "page-size": "2000,2000"}, ("DPI of 1200", "33,334 x 33,334 px", "use 278 or less")),
        ],
    )
    def test_a_contradiction_names_both_values_and_the_next_step(self, given_settings, named):
        with pytest.raises(ConfigError) as refused:
            config(**given_settings)
        for part in named:
            assert part in str(refused.value)
        keys = {BY_FIELD[name].glyph_key for name in refused.value.settings}
        assert set(given_settings) & keys
        assert all(key in str(refused.value) for key in keys)  # whoever reads a file knows its keys

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("dpi", 0),
            ("dpi", 72.5),
            ("dpi", "many"),
            ("font-size", -1),
            ("font-size", "nan"),
            ("margin-x", -1),
            ("margin-x", True),
            ("horizontal-scale", 0),
            ("page-size", "595"),
            ("page-size", [1, 2, 3]),
            ("page-size", "10,10"),
            ("page-size", 7),
            ("font-color", "red"),
            ("font-color", "#FFF"),
            ("font-color", 3),
            ("auto-crop-width", "maybe"),
            ("newline-markup", 5),
            ("left-indent", 1e9),
            ("fallback-fonts", "Vera.ttf"),
            ("fallback-fonts", ["Vera.ttf"] * 9),
            ("font-size", 1e400),
        ],
    )
    def test_a_value_out_of_range_is_refused_by_key_and_value(self, key, value):
        with pytest.raises(ConfigError) as refused:
            config(**{key: value})
        assert key in str(refused.value)
        assert key in {BY_FIELD[name].glyph_key for name in refused.value.settings}

    def test_a_missing_font_path_is_refused(self):
        with pytest.raises(ConfigError, match="font-path is missing"):
            RenderConfig.from_mapping({"font-size": 9})

    def test_replace_validates_too(self):
        with pytest.raises(ConfigError, match="Leading of 10 pt") as refused:
            dataclasses.replace(config(), font_size_pt=11.0)
        assert refused.value.settings == ("leading_pt", "font_size_pt")
        assert "line-height" not in str(refused.value)  # no file was read: its keys mean nothing here

    def test_a_font_s_refusal_names_which_of_the_fonts(self, tmp_path):
        broken = tmp_path / "broken.ttf"
        broken.write_bytes(b"no font")
        for field, value in (("font_path", broken), ("fallback_fonts", (broken,))):
            with pytest.raises(ConfigError) as refused:
                dataclasses.replace(config(), **{field: value})
            assert refused.value.settings == (field,)

    @settings(max_examples=300, deadline=None)
    @given(
        st.fixed_dictionaries(
            {
                "page_width_pt": st.floats(36, 900),
                "page_height_pt": st.floats(36, 900),
                "dpi": st.integers(18, 1200),
                "margin_x_pt": st.floats(0, 500),
                "margin_y_pt": st.floats(0, 500),
                "font_size_pt": st.floats(1, 40),
                "leading_pt": st.floats(1, 40),
                "left_indent_pt": st.floats(0, 400),
                "right_indent_pt": st.floats(0, 400),
                "first_line_indent_pt": st.floats(-400, 400),
                "snap_to_28": st.booleans(),
            }
        )
    )
    def test_whoever_follows_the_messages_ends_at_settings_that_are_accepted(self, wanted):
        base = config()
        for _ in range(12):
            try:
                dataclasses.replace(base, **wanted)
                return
            except ConfigError as refused:
                self.follow(str(refused), refused.settings, wanted)
        raise AssertionError(f"still refused: {wanted}")

    @staticmethod
    def follow(said: str, names: tuple[str, ...], wanted: dict) -> None:
        *_, number = re.findall(r"-?\d+(?:\.\d+)?(?=(?: pt)?(?: or (?:less|more))|(?: pt)?\.$)", said)
        first = names[0]
        if "without margins" in said:
            wanted["margin_x_pt" if first == "page_width_pt" else "margin_y_pt"] = 0.0
        if "both together" in said:
            wanted[names[1]] = 0.0
        wanted[first] = int(number) if first == "dpi" else float(number)


@pytest.mark.parametrize("content", ["", "{", "[1", '{"dpi": ' + "9" * 5000 + "}", '{"a":' * 100_000])
def test_a_file_that_is_no_json_is_a_sentence(content, tmp_path):
    (tmp_path / "own.json").write_text(content)
    with pytest.raises(ConfigError, match=r"own\.json' is not JSON"):
        RenderConfig.load(tmp_path / "own.json")


class TestNewlineMarkup:
    def test_glyphs_own_markups_are_understood(self):
        assert parse_newline_markup(BREAK) == (NewlinePiece("", None, True),)
        assert parse_newline_markup(RED_MARK) == (NewlinePiece(" \\n ", "#FF0000"),)

    def test_text_entities_and_breaks_may_be_mixed(self):
        pieces = parse_newline_markup("&nbsp;¶<BR />")
        assert pieces == (NewlinePiece("\u00a0"), NewlinePiece("¶"), NewlinePiece("", None, True))

    def test_colour_names_become_hex(self):
        assert parse_newline_markup("<font color='blue'>|</font>")[0].color == "#0000FF"

    @pytest.mark.parametrize(
        ("markup", "named"),
        [
            ('<img src="file:///etc/passwd" width="9" height="9"/>', "<img>"),
            ('<a href="http://127.0.0.1/">x</a>', "<a>"),
            ("<b>x</b>", "<b>"),
            ("<script>1</script>", "<script>"),
            ('<font face="Courier">x</font>', "font face"),
            ('<font color="red" size="40">x</font>', "size"),
            ('<font color="__import__(1)">x</font>', "__import__"),
            ("<br/", "'<'"),
            ("<br>", "'<br>' (a line break is written <br/>)"),
            ("<BR/ >", "'<BR/ >' (a line break is written <br/>)"),
            ("< br/>", "'< br/>' (a line break is written <br/>)"),
            ("a > b", "'>'"),
            ("&#60;img&#62;", "&#60;"),
            ("a & b", "'&'"),
            ('<font color="#FF0000">x', "never closes"),
            ("x</font>", "never opened"),
            ('<font color="red"><font color="red">x</font></font>', "inside"),
            ("<!-- x -->", "'<!-- x -->'"),
            ("x" * 201, "201 characters"),
        ],
    )
    def test_other_markup_is_refused_by_name(self, markup, named):
        with pytest.raises(ConfigError) as refused:
            config(**{"newline-markup": markup})
        assert named in str(refused.value)

    @given(st.text(alphabet="<>/&;brfontclose=\"'# \\n#F0a", max_size=40))
    def test_whatever_is_let_through_has_no_other_tag(self, markup):
        try:
            parse_newline_markup(markup)
        except ConfigError:
            return
        rest = re.sub(r'<\s*br\s*/?\s*>|</font>|<font\s+color\s*=\s*(["\'])[^"\'<>]*\1\s*>', "", markup, flags=re.I)
        assert "<" not in rest
        assert ">" not in rest


class TestSnapping:
    @pytest.mark.parametrize("dpi", [45, 60, 66, 72, 80, 96, 100, 110, 120, 144, 150, 199, 300])
    @pytest.mark.parametrize("length", [595, 842, 595.2755905511812, 612, 419.5, 40])
    def test_poppler_draws_a_snapped_side_as_a_multiple_of_28(self, length, dpi):
        pixels = math.ceil(snapped_length_pt(length, dpi) * (dpi / 72))
        assert pixels % 28 == 0
        assert pixels == 28 or abs(pixels - length * dpi / 72) <= 14

    def test_a_side_is_rounded_up_to_the_cell_that_holds_it(self):
        assert [snapped_up_px(n) for n in (1, 28, 29, 588, 589)] == [28, 28, 56, 588, 616]
