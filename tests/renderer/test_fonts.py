"""Fonts: which file a name means, what a file can draw, and why a hostile one is refused."""

import io
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer import FontError, RenderConfig
from renderer.fonts import bounds, trial
from renderer.fonts import catalogue as fonts_catalog
from renderer.fonts.bounds import refuse_unbounded
from renderer.fonts.catalogue import catalogue, installed_fonts, resolve_font
from renderer.fonts.folder import FONTS_DIR
from renderer.fonts.font_file import MAX_FONT_BYTES, check_font
from renderer.fonts.missing_glyphs import missing_glyphs
from renderer.fonts.trial import load_every_glyph, try_font

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import install_fonts  # noqa: E402


def box_font(family: str = "Boxes", characters: str = "ab ", **names) -> bytes:
    """A font of our own: every character is the same square."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(point)
    pen.closePath()
    square = pen.glyph()  # a pen gives its outline once
    order = [".notdef", *(f"g{ord(c):04X}" for c in characters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord(c): f"g{ord(c):04X}" for c in characters})
    builder.setupGlyf(dict.fromkeys(order, square))
    builder.setupHorizontalMetrics({name: (900, 100) for name in order})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family.replace(" ", ""), **names})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def no_system_fonts(monkeypatch):
    monkeypatch.setattr(fonts_catalog, "_system_fonts", dict)


class TestCheck:
    def test_a_good_font_tells_family_licence_and_coverage(self):
        facts = check_font(box_font("Our Boxes", "AZaz09 ", licenseDescription="Free for all"), "boxes.ttf")
        assert (facts.family, facts.licence, facts.scripts) == ("Our Boxes", "Free for all", ("Latin",))
        assert facts.glyph_count == 8
        assert ord("A") in facts.codepoints

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "not a TrueType"),
            (b"hello world", "not a TrueType"),
            (b"wOFF" + b"\0" * 99, "WOFF web font"),
            (b"wOF2" + b"\0" * 99, "WOFF2"),
            (b"OTTO" + b"\0" * 99, "CFF"),
            (b"\0\1\0\0", "damaged"),
            (b"\0\1\0\0" + b"\xff" * 4000, "damaged"),
            (b"<svg xmlns='x'/>", "not a TrueType"),
        ],
    )
    def test_other_files_are_refused_with_the_reason(self, data, reason):
        with pytest.raises(FontError, match=reason) as refused:
            check_font(data, "strange.ttf")
        assert "'strange.ttf'" in str(refused.value)

    def test_a_collection_is_refused(self):
        collection = TTCollection()
        collection.fonts = [TTFont(io.BytesIO(box_font())), TTFont(io.BytesIO(box_font("B")))]
        buffer = io.BytesIO()
        collection.save(buffer)
        with pytest.raises(FontError, match="collection"):
            check_font(buffer.getvalue(), "two.ttc")

    def test_too_large_is_refused_before_it_is_parsed(self):
        with pytest.raises(FontError, match="at most 21 MB"):
            check_font(b"\0\1\0\0" + b"\0" * MAX_FONT_BYTES, "big.ttf")

    @pytest.mark.parametrize("table", ["glyf", "cmap", "hmtx", "head"])
    def test_a_missing_table_is_named(self, table):
        font = TTFont(io.BytesIO(box_font()))
        data = bytearray(box_font())
        count = struct.unpack(">H", data[4:6])[0]
        for index in range(count):
            at = 12 + 16 * index
            if bytes(data[at : at + 4]) == table.encode():
                data[at : at + 4] = b"XXXX"
        assert table in font
        with pytest.raises(FontError, match=f"{table}|damaged"):
            check_font(bytes(data), "less.ttf")

    def test_an_empty_cmap_is_refused(self):
        with pytest.raises(FontError, match=r"cmap is empty|damaged"):
            check_font(box_font(characters=""), "none.ttf")

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_a_damaged_font_is_accepted_or_refused_but_never_crashes(self, data):
        font = bytearray(box_font())
        for _ in range(data.draw(st.integers(1, 12))):
            font[data.draw(st.integers(0, len(font) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(font)))
        for candidate in (bytes(font), bytes(font[:cut])):
            try:
                check_font(candidate, "damaged.ttf")
            except FontError:
                pass


def composite_font(components: Callable[[int], list[int]], glyphs: int) -> bytes:
    """A font whose glyph number n, from 2 on, is made of the glyphs `components(n)`; number 1 is a square."""
    font = TTFont(io.BytesIO(box_font(characters="".join(chr(0x100 + n) for n in range(glyphs)))))
    order = font.getGlyphOrder()
    font["maxp"].recalc = lambda font: None  # fontTools would unfold the glyphs to count their points
    for n in range(2, len(order)):
        made = Glyph()
        made.numberOfContours = -1
        made.components = []
        for part in components(n):
            one = GlyphComponent()
            one.glyphName, one.x, one.y, one.flags = order[part], 0, 0, 0x4
            made.components.append(one)
        for side in ("xMin", "yMin", "xMax", "yMax"):
            setattr(made, side, 0)
        font["glyf"][order[n]] = made
    font["glyf"].recalcBBoxes = font.recalcBBoxes = False
    font["maxp"].maxComponentDepth = 0xFFFF
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def with_table(font: bytes, tag: bytes, table: bytes) -> bytes:
    """The font with other bytes for one of its tables, put behind it."""
    data = bytearray(font)
    for at in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16):
        if data[at : at + 4] == tag:
            struct.pack_into(">LL", data, at + 8, len(data), len(table))
    return bytes(data + table)


class TestBounds:
    """A small file may not unfold without end: refused from its counts, before any parser or FreeType works on it."""

    def test_composites_in_a_tree_are_refused(self):
        with pytest.raises(FontError, match=r"'tree.ttf' has a glyph \(number \d+\) of more than 1,000 components"):
            refuse_unbounded(composite_font(lambda n: [n - 1] * 8, 12), "tree.ttf")

    def test_composites_too_deep_and_in_a_circle_are_refused(self):
        for name, components in (("deep", lambda n: [n - 1]), ("circle", lambda n: [5 if n == 2 else n - 1])):
            with pytest.raises(FontError, match="levels deep"):
                refuse_unbounded(composite_font(components, 30), f"{name}.ttf")

    def test_composites_of_many_points_are_refused(self):
        with pytest.raises(FontError, match=r"more than 3 points"):
            refuse_with(composite_font(lambda n: [1], 3), MAX_POINTS=3)

    def test_ordinary_composites_pass(self):
        check_font(composite_font(lambda n: [1] * 9 if n < 6 else [n - 1, 2], 10), "accents.ttf")

    @pytest.mark.parametrize("path", sorted(FONTS_DIR.glob("*.ttf")), ids=lambda path: path.name)
    def test_every_font_we_install_passes(self, path):
        refuse_unbounded(path.read_bytes(), path.name)

    def test_character_ranges_that_overlap_are_refused(self):
        groups = struct.pack(">LLL", 0, 0x10FFFF, 1) * 5
        subtable = struct.pack(">HHLLL", 12, 0, 16 + len(groups), 0, 5) + groups
        twelve = struct.pack(">HHHHL", 0, 1, 3, 10, 12) + subtable
        segments = 9000
        four = (
            struct.pack(">HHHHHHH", 4, 0, 0, 2 * segments, 0, 0, 0)
            + b"\xff\xff" * segments
            + b"\0\0" * (1 + 3 * segments)
        )
        for cmap in (twelve, struct.pack(">HHHHL", 0, 1, 3, 1, 12) + four):
            with pytest.raises(FontError, match="again and again"):
                check_font(with_table(box_font(), b"cmap", cmap), "ranges.ttf")

    def test_names_that_overlap_are_refused(self):
        names = struct.pack(">HHH", 0, 400, 6) + struct.pack(">HHHHHH", 3, 1, 0x409, 1, 0xFFFF, 0) * 400
        with pytest.raises(FontError, match="overlap"):
            check_font(with_table(box_font(), b"name", names + b"A" * 0xFFFF), "names.ttf")


def refuse_with(data: bytes, **limits: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(bounds, name, value)
        refuse_unbounded(data, "limited.ttf")


class TestTrial:
    """An uploaded font is read, and each of its glyphs loaded, in a child process first."""

    def test_a_good_font_passes(self):
        assert try_font(box_font(), "boxes.ttf") is None

    def test_the_childs_reason_is_told(self):
        with pytest.raises(FontError, match=r"'strange.ttf' is not a TrueType font"):
            try_font(b"hello world", "strange.ttf")

    def test_a_font_that_takes_too_long_is_refused(self, monkeypatch):
        monkeypatch.setattr(trial, "WALL_SECONDS", 0.01)
        with pytest.raises(FontError, match=r"could not be read within"):
            try_font(box_font(), "slow.ttf")

    def test_a_child_that_crashes_is_a_damaged_font(self, monkeypatch):
        monkeypatch.setattr(trial.sys, "executable", "/bin/false")
        with pytest.raises(FontError, match="ended a process of its own"):
            try_font(box_font(), "crash.ttf")

    def test_a_glyph_that_reaches_absurdly_far_is_refused(self):
        font = TTFont(io.BytesIO(box_font()))
        font["head"].unitsPerEm = 16
        buffer = io.BytesIO()
        font.save(buffer)
        monstrous = TTFont(buffer)
        monstrous["glyf"]["g0061"].coordinates[2] = (30_000, 700)
        buffer = io.BytesIO()
        monstrous.save(buffer)
        with pytest.raises(FontError, match="reaches more than 64 times the font size"):
            load_every_glyph(buffer.getvalue(), "wide.ttf")


class TestResolving:
    def test_the_order_is_absolute_beside_the_config_then_fonts(self, tmp_path, no_system_fonts):
        beside, fonts = tmp_path / "config", tmp_path / "fonts"
        for folder in (beside, fonts):
            folder.mkdir()
            (folder / "Box.ttf").write_bytes(box_font())
        assert resolve_font(str(fonts / "Box.ttf"), beside, fonts)[0] == fonts / "Box.ttf"
        assert resolve_font("Box.ttf", beside, fonts)[0] == beside / "Box.ttf"
        assert resolve_font("../elsewhere/Box.ttf", tmp_path / "none", fonts)[0] == fonts / "Box.ttf"
        assert resolve_font("box", tmp_path / "none", fonts)[0] == fonts / "Box.ttf"

    def test_verdana_is_used_when_the_user_has_it(self, tmp_path, no_system_fonts):
        (tmp_path / "Verdana.ttf").write_bytes(box_font("Verdana"))
        found, note = resolve_font("./config/Verdana.ttf", tmp_path / "none", tmp_path)
        assert (found, note) == (tmp_path / "Verdana.ttf", None)

    def test_without_verdana_its_nearest_free_face_is_named(self, no_system_fonts):
        found, note = resolve_font("../config/Verdana.ttf")
        assert found == FONTS_DIR / "Vera.ttf"
        assert note == "Verdana is not installed; Bitstream Vera Sans (Vera.ttf) stands in for it."

    def test_a_config_carries_the_note(self, no_system_fonts):
        assert "stands in" in RenderConfig.load(ROOT / "configs/en.json").notes[0]

    @pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/", "/etc/passwd"])
    def test_a_path_to_something_else_is_refused_unread(self, name):
        with pytest.raises(FontError):
            RenderConfig.from_mapping({"font-path": name})
        with pytest.raises(FontError):
            fonts_catalog.check_font_file(Path(name))

    def test_an_unknown_name_says_where_to_put_the_file(self, no_system_fonts):
        with pytest.raises(FontError, match=r"'Nowhere\.ttf' was not found.*install_fonts"):
            resolve_font("Nowhere.ttf")

    def test_a_family_may_be_named(self):
        assert resolve_font("dejavu sans mono")[0].name == "DejaVuSansMono.ttf"

    def test_a_file_that_is_no_font_is_refused_as_a_setting(self, tmp_path):
        (tmp_path / "fake.ttf").write_bytes(b"not a font")
        with pytest.raises(FontError, match="not a TrueType"):
            RenderConfig.from_mapping({"font-path": "fake.ttf"}, base_dir=tmp_path)


class TestListing:
    def test_set_up_has_installed_the_faces_that_configs_name(self):
        names = {family.file.name for family in installed_fonts()}
        assert {"Vera.ttf", "DejaVuSans.ttf"} <= names

    def test_what_the_catalogue_says_of_scripts_is_what_the_files_cover(self):
        entries = catalogue()
        checked = [family for family in installed_fonts() if family.file.name in entries]
        assert checked
        for family in checked:
            assert list(family.scripts) == entries[family.file.name]["scripts"], family.file.name

    def test_own_files_are_listed_and_broken_ones_left_out(self, tmp_path):
        (tmp_path / "Mine.TTF").write_bytes(box_font("Mine", licenseDescription="Mine alone"))
        (tmp_path / "Broken.ttf").write_bytes(b"\0\1\0\0broken")
        families = installed_fonts(tmp_path)
        assert [(f.family, f.licence, f.kind) for f in families] == [("Mine", "Mine alone", "own")]

    def test_missing_glyphs_are_counted_most_frequent_first(self, tmp_path):
        path = tmp_path / "ab.ttf"
        path.write_bytes(box_font(characters="ab "))
        assert missing_glyphs("abc cc中\n\t\u00ad\u200b", path) == (("c", 3), ("中", 1))


class TestInstalling:
    def entry(self, data: bytes, source: str, required: bool = True) -> install_fonts.Entry:
        digest = install_fonts.hashlib.sha256(data).hexdigest()
        return install_fonts.Entry("Box.ttf", "Boxes", required, (source,), frozenset({digest}))

    def test_a_file_is_copied_once_and_then_only_looked_at(self, tmp_path, capsys):
        (tmp_path / "source.ttf").write_bytes(box_font())
        entry = self.entry(box_font(), f"system:{tmp_path / 'source.ttf'}")
        target = tmp_path / "fonts"
        target.mkdir()
        assert install_fonts.install([entry], target, lambda line: None) == []
        assert (target / "Box.ttf").read_bytes() == box_font()
        (tmp_path / "source.ttf").unlink()
        assert install_fonts.install([entry], target, lambda line: None) == []
        assert capsys.readouterr().out.count("installed from") == 1

    def test_a_wrong_hash_is_refused(self, tmp_path, capsys):
        (tmp_path / "source.ttf").write_bytes(box_font("Other"))
        entry = self.entry(box_font(), f"system:{tmp_path / 'source.ttf'}")
        assert install_fonts.install([entry], tmp_path, lambda line: None) == [entry]
        assert not (tmp_path / "Box.ttf").exists()
        assert "refused" in capsys.readouterr().err

    def test_a_users_own_file_of_that_name_is_kept_aside(self, tmp_path):
        (tmp_path / "source.ttf").write_bytes(box_font())
        (tmp_path / "Box.ttf").write_bytes(b"mine")
        entry = self.entry(box_font(), f"system:{tmp_path / 'source.ttf'}")
        assert install_fonts.install([entry], tmp_path, lambda line: None) == []
        assert (tmp_path / "Box.ttf.refused").read_bytes() == b"mine"

    @pytest.mark.parametrize(("required", "status"), [("true", 1), ("false", 0)])
    def test_only_a_missing_required_font_fails(self, tmp_path, capsys, required, status):
        catalogue_file = tmp_path / "fonts.toml"
        catalogue_file.write_text(
            f'[[font]]\nfile = "X.ttf"\nfamily = "X"\nrequired = {required}\nsources = ["system:/none"]\nsha256 = []\n'
        )
        argv = ["--fonts-dir", str(tmp_path / "out"), "--catalogue", str(catalogue_file)]
        assert install_fonts.main(argv) == status
        assert "X.ttf" in capsys.readouterr().err

    def test_every_catalogued_font_has_a_licence_sources_and_a_hash(self):
        for name, entry in catalogue().items():
            assert entry["licence"], name
            assert entry["licence_url"].startswith("https://"), name
            assert entry["sources"], name
            assert all(len(digest) == 64 for digest in entry["sha256"]), name
        kinds = {entry["kind"] for entry in catalogue().values()}
        assert kinds == {"sans", "serif", "mono", "pixel", "cjk"}
