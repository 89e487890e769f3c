"""EPUBs as people really have them: marks that are no page numbers, names spelled otherwise, notes, quotations, formulas."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile

import pytest

from app.books import BookDamaged, BookEmpty, BookUnsafe, read_book
from tests.books.make_books import CONTAINER, PROSE, XHTML, make_epub, make_zip


def text_of(body: str, **more) -> str:
    return read_book(make_epub({"a.xhtml": body}, **more), "a.epub").text


def page_text(page: str | bytes, name: str = "a.xhtml") -> str:
    """The text of a page given whole, head and all."""
    return read_book(make_epub({name: "x"}, extra={f"OEBPS/{name}": page}), "a.epub").text


@pytest.mark.parametrize(
    "body",
    [
        '<div class="pagebreak"><h2>One</h2><p>Kept.</p></div>',
        '<section epub:type="pagebreak"><h2>One</h2><p>Kept.</p></section>',
        '<h2 class="pagebreak">One</h2><p class="pagebreak">Kept.</p>',
        '<h2>One</h2><p role="doc-pagebreak" title="12">Kept.</p>',
        '<h2>One</h2><span class="pagenum">Kept.</span>',
        '<h2>One</h2><span class="pagebreak" id="p1"/><p>Kept.</p>',
        '<h2>One</h2><a class="pagenum" id="p1"/>Kept.',
    ],
)
def test_text_in_what_is_called_a_page_break_stays(body):
    assert text_of(body).split() == ["One", "Kept."]


@pytest.mark.parametrize("heading", ["IV", "12", "II."])
def test_a_numeral_that_heads_a_chapter_on_a_new_page_stays(heading):
    assert heading in text_of(f'<h2 class="pagebreak">{heading}</h2><p>Text.</p>')


@pytest.mark.parametrize(
    "number", ["7", "[Pg 12]", "{xiv}", "p. 12", "Page 12 of 300", "—12—", "12a", "S. 9", "第12页", "A-3", ""]
)
@pytest.mark.parametrize("mark", ['class="pagenum"', 'epub:type="pagebreak"', 'role="doc-pagebreak"'])
def test_numbers_of_printed_pages_go(number, mark):
    assert text_of(f"<p>The lamp <span {mark}>{number}</span>burned.</p>") == "The lamp burned.\n"


def renamed(old: str, new: bytes, flags: int = 0) -> bytes:
    """An EPUB of two pages, one of whose names stands in the archive as the given bytes."""
    data = make_epub({"a.xhtml": "<h2>Chapter 1</h2><p>First.</p>", old: "<h2>Chapter 2</h2><p>Second.</p>"})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(out, "w") as write:
        for info in read.infolist():
            name = "OEBPS/" + "Z" * len(new) if info.filename == f"OEBPS/{old}" else info.filename
            write.writestr(name, read.read(info))
    packed = bytearray(out.getvalue().replace(b"Z" * len(new), new))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = packed.find(signature)
        while at >= 0:
            packed[at + offset : at + offset + 2] = struct.pack("<H", flags)
            at = packed.find(signature, at + 4)
    return bytes(packed)


@pytest.mark.parametrize(
    ("referred", "stored", "flags"),
    [
        ("café.xhtml", unicodedata.normalize("NFD", "café.xhtml").encode(), 0x800),
        ("cafe%CC%81.xhtml", "café.xhtml".encode(), 0x800),
        ("a%20page.xhtml", b"a%20page.xhtml", 0),
        ("a b.xhtml", b"a%20b.xhtml", 0),
        ("渡し.xhtml", "渡し.xhtml".encode(), 0),
        ("渡し.xhtml", "渡し.xhtml".encode("cp932"), 0),
        ("第一章.xhtml", "第一章.xhtml".encode("gb18030"), 0),
        ("глава.xhtml", "глава.xhtml".encode("cp866"), 0),
        ("ŽLUŤ.xhtml", "žluť.xhtml".encode(), 0x800),
        ("what?.xhtml", b"what?.xhtml", 0),
        ("no#1.xhtml", b"no#1.xhtml", 0),
        ("sub\\two.xhtml", b"sub/two.xhtml", 0),
        ("../../two.xhtml", b"two.xhtml", 0),
        ("/OEBPS/two.xhtml", b"two.xhtml", 0),
    ],
)
def test_a_page_is_found_however_its_name_is_spelled(referred, stored, flags):
    packed = renamed(referred, stored, flags)
    if referred.startswith("../../"):  # above the top, where the archive has it at the top
        packed = packed.replace(b"OEBPS/two.xhtml", b"two.xhtml")
        packed = renamed_at_top(referred)
    book = read_book(packed, "a.epub")
    assert [c.title for c in book.chapters] == ["Chapter 1", "Chapter 2"]
    assert book.notes == ()


def renamed_at_top(referred: str) -> bytes:
    data = make_epub({"a.xhtml": "<h2>Chapter 1</h2><p>First.</p>", referred: ""})
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        files = {info.filename: read.read(info) for info in read.infolist() if ".." not in info.filename}
    return make_zip(files | {"two.xhtml": XHTML.format("<h2>Chapter 2</h2><p>Second.</p>")})


def test_an_archive_with_backslashes_is_read_and_its_contents_lead_into_it():
    nav = '<li><a href="one.xhtml">The first tale</a></li><li><a href="sub/two.xhtml">The second tale</a></li>'
    data = make_epub({"one.xhtml": f"<p>{PROSE}</p>", "sub/two.xhtml": f"<p>{PROSE}</p>"}, nav=nav)
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        files = {info.filename.replace("/", "\\"): read.read(info) for info in read.infolist()}
    book = read_book(make_zip(files), "a.epub")
    assert [c.title for c in book.chapters] == ["The first tale", "The second tale"]


def test_a_folder_that_was_packed_whole_is_the_book_and_so_is_one_behind_junk_or_without_a_container():
    data = make_epub({"a.xhtml": "<h1>Chapter 1</h1><p>x</p>", "b.xhtml": "<h1>Chapter 2</h1><p>y</p>"})
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        files = {info.filename: read.read(info) for info in read.infolist()}
    folder = make_zip({f"The Ferry/{name}": content for name, content in files.items()} | {"__MACOSX/a.opf": b"x"})
    bare = make_zip({name: content for name, content in files.items() if name.startswith("OEBPS")})
    for packed in (folder, b"HTTP/1.1 200 OK\r\n\r\n" + data, bare):
        assert [c.title for c in read_book(packed, "a.epub").chapters] == ["Chapter 1", "Chapter 2"]


def test_pages_that_are_missing_are_named_not_called_pictures():
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="lost.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    with pytest.raises(
        BookDamaged, match=r"1 of its 1 sections are not in the file \(the first is 'OEBPS/lost.xhtml'\)"
    ):
        read_book(make_epub({}, opf=opf), "a.epub")
    with pytest.raises(BookEmpty, match="pictures only"):
        read_book(make_epub({"a.xhtml": '<img src="a.jpg" alt="all of it"/>'}), "a.epub")


@pytest.mark.parametrize(
    "note",
    [
        '<aside epub:type="footnote" id="n1" hidden="hidden"><p>A second lamp.</p></aside>',
        '<aside role="doc-footnote" id="n1" style="display:none"><p>A second lamp.</p></aside>',
        '<section epub:type="footnotes" hidden=""><aside id="n1"><p>A second lamp.</p></aside></section>',
        '<div style="display: none"><p id="n1">A second lamp.</p></div>',
    ],
)
@pytest.mark.parametrize(
    "sign",
    [
        '<a epub:type="noteref" href="#n1">1</a>',
        '<a role="doc-noteref" href="#n1"><sup>1</sup></a>',
        '<sup><a epub:type="noteref" href="#n1">1</a></sup>',
        '<a class="footnote-ref" href="#n1">1</a>',
    ],
)
def test_hidden_notes_are_read_and_their_signs_stand_in_brackets(note, sign):
    assert text_of(f"<p>The lamp{sign} burned.</p>{note}") == "The lamp[1] burned.\nA second lamp.\n"


def test_what_is_hidden_and_no_note_stays_hidden():
    body = (
        '<p>Seen.</p><p hidden="hidden">One</p><div style="display:none" id="x">Two</div><p><a href="#x">there</a></p>'
    )
    assert text_of(body) == "Seen.\nthere\n"


def test_a_sign_that_has_brackets_keeps_them_and_other_links_get_none():
    assert text_of('<p>A<a epub:type="noteref" href="#n">(1)</a> <a href="#c">12</a></p>') == "A(1) 12\n"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "“Take it,” he said, “and mind ‘the rule’.”"),
        ("en-GB", "“Take it,” he said, “and mind ‘the rule’.”"),
        ("de", "„Take it,“ he said, „and mind ‚the rule‘.“"),
        ("fr", "«Take it,» he said, «and mind “the rule”.»"),
        ("ja", "「Take it,」 he said, 「and mind 『the rule』.」"),
    ],
)
def test_speech_marked_as_q_has_the_marks_of_its_language(language, expected):
    body = f'<p xml:lang="{language}"><q>Take it,</q> he said, <q>and mind <q>the rule</q>.</q></p>'
    assert text_of(body) == expected + "\n"


def test_speech_that_brings_its_own_marks_gets_no_second_ones():
    assert text_of("<p><q>“Take it,”</q> he said.</p>") == "“Take it,” he said.\n"


def test_cdata_is_text_whether_the_page_is_well_formed_or_not():
    section = "<p><![CDATA[Fish & <chips> &amp; &nbsp; so on]]> here.</p>"
    expected = "Fish & <chips> &amp; &nbsp; so on here.\n"
    assert text_of(section) == expected
    assert text_of(f"{section}<p><b>open") == expected + "open\n"
    assert text_of("<p>a <![CDATA[ without end</p>").startswith("a")


PREFIXED = (
    '<?xml version="1.0"?><x:html xmlns:x="http://www.w3.org/1999/xhtml" xmlns:m="http://www.w3.org/1998/Math/MathML">'
    "<x:head><x:title>no text</x:title></x:head><x:body><x:h1>One</x:h1><x:p>First<x:br/>line, <m:math><m:mi>x</m:mi>"
    "</m:math>.</x:p><x:p>Second.</x:p>{}</x:body></x:html>"
)


@pytest.mark.parametrize("fault", ["", "<x:p>Third & last.</x:p>"])
def test_prefixed_pages_are_pages(fault):
    expected = "One\n\nFirst\nline, x.\nSecond.\n" + ("Third & last.\n" if fault else "")
    assert page_text(PREFIXED.format(fault)) == expected


def test_empty_elements_end_where_they_stand_even_in_pages_with_faults():
    body = '<p>One<a id="x"/><sup>2</sup>.<span class="pagenum" id="p7"/> Two</p><script src="a>b.js"/><p>Three & four'
    page = XHTML.format(body).replace("<title>t</title>", "<title/>")
    assert page_text(page) == "One². Two\nThree & four\n"


MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("<semantics><msup><mi>x</mi><mn>2</mn></msup><annotation>x^2</annotation></semantics>", "x²"),
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", "1/2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a + b)/c"),
        ("<msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt>", "√(a + b)"),
        ("<msub><mi>a</mi><mi>k</mi></msub><mo>=</mo><msub><mi>b</mi><mn>12</mn></msub>", "a_k = b₁₂"),
        ("<msup><mi>e</mi><mrow><mo>-</mo><mi>x</mi></mrow></msup>", "e^(-x)"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>",
            "∑_(i=1)ⁿ i",
        ),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd></mtr></mtable>",
            "1, 0; 0",
        ),
        ("<mfrac><mn>1</mn></mfrac>", "1"),
        ("<mi>f</mi><mo>&#x2061;</mo><mo>(</mo><mi>x</mi><mo>)</mo>", "f(x)"),
    ],
)
def test_formulas_are_read_once_and_keep_their_meaning(formula, expected):
    assert text_of(f"<p>It is {MATH.format(formula)} here.</p>") == f"It is {expected} here.\n"


@pytest.mark.parametrize(
    "body",
    [
        # KaTeX, MathJax 3, Wikipedia
        f'<span class="katex"><span class="katex-mathml">{MATH.format("<msup><mi>x</mi><mn>2</mn></msup>")}</span>'
        '<span class="katex-html" aria-hidden="true"><span>x</span><span>2</span></span></span>',
        f'<span><span aria-hidden="true">x2</span><span>{MATH.format("<msup><mi>x</mi><mn>2</mn></msup>")}</span></span>',
        f'<span class="mwe-math-element"><span style="display: none;">{MATH.format("<msup><mi>x</mi><mn>2</mn></msup>")}'
        '</span><img class="mwe-math-fallback-image-inline" alt="{\\displaystyle x^{2}}"/></span>',
    ],
)
def test_a_formula_that_stands_twice_in_the_page_is_read_once(body):
    assert text_of(f"<p>It is {body} here.</p>") == "It is x² here.\n"


def test_a_formula_that_is_a_picture_is_read_in_the_words_of_its_author():
    body = '<p>It is <img class="mwe-math-fallback-image-inline" alt="{\\displaystyle x^{2}}"/> here.</p>'
    assert text_of(body) == "It is x^{2} here.\n"


def test_entities_nobody_declared_are_their_characters_in_titles_and_contents():
    nav = '<li><a href="a.xhtml">Fianc&eacute;e<br/>&amp;&nbsp;Co</a></li><li><a href="b.xhtml">Tom & Jerry</a></li>'
    pages = {"a.xhtml": f"<p>{PROSE}</p>", "b.xhtml": f"<p>{PROSE}</p>"}
    data = make_epub(pages, nav=nav, title="D&eacute;j&agrave; &amp; vu &mdash; again")
    book = read_book(data, "a.epub")
    assert book.title == "Déjà & vu — again"
    assert [c.title for c in book.chapters] == ["Fiancée & Co", "Tom & Jerry"]


def test_a_title_escaped_twice_is_read_as_meant():
    assert read_book(make_epub({"a.xhtml": "x"}, title="Les Mis&amp;eacute;rables"), "a.epub").title == "Les Misérables"


DOCTYPE = (
    '<?xml version="1.0"?><!DOCTYPE html [{}]><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{}</p></body></html>'
)


@pytest.mark.parametrize(
    ("definitions", "text", "expected"),
    [
        ('<!ENTITY nbsp "&#160;"> <!ENTITY mdash "&#8212;">', "noon&mdash;&nbsp;late", "noon—\xa0late"),
        ("<!ENTITY ae 'æ'>", "&ae;on &#x41;", "æon A"),
        ('<!ENTITY amp "&#38;#38;"><!ENTITY lt "&#38;#60;">', "a &amp; b", "a & b"),
        ('<!ENTITY hellip "&#x2026;">', "and &hellip;", "and …"),
    ],
)
def test_definitions_of_single_characters_are_followed(definitions, text, expected):
    assert page_text(DOCTYPE.format(definitions, text)) == expected + "\n"


@pytest.mark.parametrize(
    "definitions",
    [
        '<!ENTITY a "hahahahaha">',
        '<!ENTITY a "&b;"><!ENTITY b "x">',
        '<!ENTITY a "&#38;b;"><!ENTITY b "&#38;a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a "x">',
        '<!ENTITY % a SYSTEM "http://127.0.0.1/x"> %a;',
        '<!ENTITY a PUBLIC "x" "y">',
        '<!entity a "b" >' * 2 + '<!ENTITY a "bcd" NDATA x>',
    ],
)
def test_any_other_definition_is_refused_in_pages_and_in_the_package(definitions):
    with pytest.raises(BookUnsafe, match="entities"):
        page_text(DOCTYPE.format(definitions, "&a;"))
    opf = (
        f'<!DOCTYPE x [{definitions}]><package xmlns="http://www.idpf.org/2007/opf"><metadata>&a;</metadata></package>'
    )
    with pytest.raises(BookUnsafe, match="entities"):
        read_book(make_zip({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf}), "a.epub")


@pytest.mark.parametrize(
    "declared", ["UTF-16", "utf-16le", "UTF-32", "iso-8859-1", "windows-1252", "us-ascii", "no-such"]
)
def test_a_page_in_utf_8_is_read_as_that_whatever_it_declares(declared):
    page = XHTML.format("<p>déjà vu, cœur</p>").replace('encoding="utf-8"', f'encoding="{declared}"')
    assert page_text(page.encode()) == "déjà vu, cœur\n"


def test_a_package_that_declares_utf_16_and_is_not_is_read():
    opf = (
        '<?xml version="1.0" encoding="UTF-16"?><package xmlns="http://www.idpf.org/2007/opf"><metadata><title>Café</title>'
        '</metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    book = read_book(make_epub({"a.xhtml": "<p>here</p>"}, opf=opf), "a.epub")
    assert (book.title, book.text) == ("Café", "here\n")


def test_pages_of_old_types_without_endings_are_read_and_pictures_are_not():
    opf = (
        '<package xmlns="http://openebook.org/namespaces/oeb-package/1.0/"><metadata><dc-metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.0/"><dc:Title>Old</dc:Title></dc-metadata></metadata><manifest>'
        '<item id="a" href="a" media-type="text/x-oeb1"/><item id="b" href="b.jpg" media-type="image/jpeg"/>'
        '<item id="c" href="c" media-type="application/octet-stream" fallback="d"/>'
        '<item id="d" href="d" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/></spine></package>'
    )
    extra = {"OEBPS/a": "<html><body><p>One.</p></body></html>", "OEBPS/b.jpg": b"\xff\xd8", "OEBPS/c": b"\0\1\2"}
    book = read_book(make_epub({"d": "<p>Two.</p>"}, opf=opf, extra=extra), "a.epub")
    assert (book.title, book.text.split(), book.notes) == ("Old", ["One.", "Two."], ())


def test_words_in_drawings_are_read_and_what_describes_them_is_not():
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg"><title>icon</title><desc>a lamp</desc><style>text{}</style>'
        '<text><tspan y="1">THE</tspan><tspan y="2">FERRY</tspan></text><foreignObject>'
        '<p xmlns="http://www.w3.org/1999/xhtml">A preface.</p></foreignObject></svg>'
    )
    assert text_of(f"{drawing}<p>Noon.</p>") == "THE FERRY\nA preface.\nNoon.\n"
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.svg" media-type="image/svg+xml"/>'
        '</manifest><spine><itemref idref="a"/></spine></package>'
    )
    assert read_book(make_epub({}, opf=opf, extra={"OEBPS/a.svg": drawing}), "a.epub").text == "THE FERRY\nA preface.\n"


def test_of_a_switch_the_part_that_everybody_understands_is_read():
    body = (
        '<epub:switch><epub:case required-namespace="x"><p>special</p></epub:case><epub:default><p>common</p>'
        "</epub:default></epub:switch>"
    )
    assert text_of(body) == "common\n"


def test_a_text_of_definitions_without_end_is_refused_soon():
    with pytest.raises(BookUnsafe):
        page_text("<!ENTITY a " * 50_000)


@pytest.mark.parametrize("unit", ["<![CDATA[", "&amp", '<a b="', "<x:a ", "</x:a>", "<a/", "xmlns:a='"])
def test_pages_made_to_keep_the_reader_busy_are_read(unit):
    page = f'<?xml version="1.0"?><html xmlns:x="http://www.w3.org/1999/xhtml"><body><p>Seen. {unit * 100_000}</p></body></html>'
    assert page_text(page).startswith("Seen.")
