"""What Word documents hold besides plain paragraphs: each kind of thing is read once, in its place."""

from __future__ import annotations

import pytest

from app.books import BookDamaged, BookUnsupported, read_book
from tests.books.make_books import make_zip

W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*pieces: str, properties: str = "") -> str:
    inside = "".join(piece if piece.startswith("<") else run(piece) for piece in pieces)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def row(*cells: str) -> str:
    return "<w:tr>" + "".join(c if c.startswith("<w:sdt") else f"<w:tc>{c}</w:tc>" for c in cells) + "</w:tr>"


def control(inside: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inside}</w:sdtContent></w:sdt>"


def docx(body: str, main: str = "word/document.xml", **parts: str | bytes) -> bytes:
    """A package; `parts` are further files by a name with "__" for "/" and "_DOT_" for "."."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS.format(f'<Relationship Id="a" Type="{TYPE}officeDocument" Target="{main}"/>'),
        main: f"<w:document {W}><w:body>{body}</w:body></w:document>",
    }
    files |= {name.replace("__", "/").replace("_DOT_", "."): content for name, content in parts.items()}
    return make_zip(files)


def text_of(body: str, **parts: str | bytes) -> str:
    return read_book(docx(body, **parts), "a.docx").text


@pytest.mark.parametrize("main", ["word/document2.xml", "text/main.xml", "document.xml"])
def test_the_main_part_is_where_the_package_says(main):
    assert read_book(docx(p("Here."), main), "a.docx").text == "Here.\n"


def test_names_with_backslashes_are_found():
    files = {
        "[Content_Types].xml": TYPES,
        "_rels\\.rels": RELATIONS.format(
            f'<Relationship Id="a" Type="{TYPE}officeDocument" Target="word\\document.xml"/>'
        ),
        "word\\document.xml": f"<w:document {W}><w:body>{p('Here.')}</w:body></w:document>",
    }
    assert read_book(make_zip(files), "a.docx").text == "Here.\n"


def test_a_package_without_its_main_part_is_no_zip_of_texts():
    with pytest.raises(BookDamaged, match="main part is missing"):
        read_book(make_zip({"[Content_Types].xml": TYPES, "docProps/app.xml": "<a/>"}), "a.docx")


@pytest.mark.parametrize(
    ("folder", "what"), [("xl/workbook.xml", "Excel"), ("ppt/x.xml", "PowerPoint"), ("visio/d.xml", "Visio")]
)
def test_other_packages_are_refused_by_name(folder, what):
    with pytest.raises(BookUnsupported, match=what):
        read_book(make_zip({"[Content_Types].xml": TYPES, folder: "<a/>"}), "a.docx")


def test_rows_and_cells_in_content_controls_keep_their_place():
    cell = control(f"<w:tc>{p('1 May')}</w:tc>")
    rows = (row(p("date"), p("who")), row(cell, p("Corrin")), control(row(p("2 May"), p("Anna"))))
    assert text_of(table(*rows)) == "date | who\n1 May | Corrin\n2 May | Anna\n"


def test_a_deleted_row_is_gone():
    gone = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{p('gone')}</w:tc></w:tr>"
    assert text_of(table(row(p("a"), p("b")), gone)) == "a | b\n"


def test_notes_in_tables_stand_below_their_row_with_tabs_as_spaces():
    notes = (
        f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>A rule</w:t><w:tab/><w:t>of the landing.</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )
    sign = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    text = text_of(table(row(p("the lamp", sign), p("163")), row(p("x"), p("y"))), word__footnotes_DOT_xml=notes)
    assert text == "the lamp[1] | 163\n[1] A rule of the landing.\nx | y\n"


def test_a_text_box_is_read_once_wherever_it_stands():
    box = f"<w:txbxContent>{p('In the box.')}</w:txbxContent>"
    drawn = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert text_of(p("Before.", drawn)) == "Before.\nIn the box.\n"
    assert text_of(table(row(p("cell", drawn), p("163")))) == "cell In the box. | 163\n"
    assert text_of(p("Old.", f"<w:r><w:pict>{box}</w:pict></w:r>")) == "Old.\nIn the box.\n"


@pytest.mark.parametrize(
    ("font", "code", "shown"),
    [
        ("Symbol", "F0B3", "≥"),
        ("Symbol", "61", "α"),
        ("Wingdings", "F0FE", "☑"),
        ("Wingdings", "F04A", "☺"),
        ("Arial", "2192", "→"),
    ],
)
def test_signs_of_picture_fonts_are_characters(font, code, shown):
    assert text_of(p("a ", f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>')) == f"a {shown}\n"


def test_letters_set_in_a_picture_font_are_characters_too():
    assert text_of(p(run("ab", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'), " rise")) == "αβ rise\n"


def test_a_sign_in_no_table_is_told():
    book = read_book(docx(p("a ", '<w:r><w:sym w:font="Wingdings" w:char="F0C9"/></w:r>')), "a.docx")
    assert book.text == "a □\n"
    assert "1 signs of picture fonts" in book.notes[0]


def test_ruby_gives_its_base():
    ruby = (
        f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('とうだい')}</w:rt><w:rubyBase>{run('灯台')}</w:rubyBase></w:ruby></w:r>"
    )
    assert text_of(p("古い", ruby, "の話。")) == "古い灯台の話。\n"


def m(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("math", "shown"),
    [
        (f"<m:f><m:num>{m('1')}</m:num><m:den>{m('2')}</m:den></m:f>", "1/2"),
        (f"<m:f><m:num>{m('a+b')}</m:num><m:den>{m('c')}</m:den></m:f>", "(a + b)/c"),
        (f"<m:sSup><m:e>{m('x')}</m:e><m:sup>{m('2')}</m:sup></m:sSup>", "x²"),
        (f"<m:sSub><m:e>{m('a')}</m:e><m:sub>{m('1')}</m:sub></m:sSub>", "a₁"),
        (f"<m:rad><m:deg/><m:e>{m('x+1')}</m:e></m:rad>", "√(x + 1)"),
        (f"<m:d><m:e>{m('x')}</m:e></m:d>", "(x)"),
    ],
)
def test_formulas_are_written_on_one_line(math, shown):
    assert text_of(p("It is ", f"<m:oMath>{math}</m:oMath>", " of it.")) == f"It is {shown} of it.\n"


def test_hidden_text_is_left_out_and_counted():
    styles = (
        f'<w:styles {W}><w:style w:styleId="H"><w:name w:val="secret"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    )
    body = p("seen", run("gone", "<w:vanish/>"), run(" stays", '<w:vanish w:val="0"/>'))
    body += p("all gone", properties='<w:pStyle w:val="H"/>') + p("a", run("b", '<w:rStyle w:val="H"/>'))
    book = read_book(docx(body, word__styles_DOT_xml=styles), "a.docx")
    assert book.text == "seen stays\na\n"
    assert "13 characters of hidden text" in book.notes[0]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next():
    body = p("The ferry left ", properties="<w:rPr><w:del/></w:rPr>") + p("at noon.") + p("Nobody spoke.")
    assert text_of(body) == "The ferry left at noon.\nNobody spoke.\n"
    assert text_of(p("The end", properties="<w:rPr><w:del/></w:rPr>")) == "The end\n"


def test_tabs_and_hyphens_of_every_kind():
    body = p("Corrin", "<w:r><w:ptab/></w:r>", "163") + p("light", "<w:r><w:softHyphen/></w:r>", "house")
    assert text_of(body + p("a", "<w:r><w:noBreakHyphen/></w:r>", "b")) == "Corrin\t163\nlighthouse\na\u2011b\n"


def test_fields_give_their_results_and_not_their_instructions():
    simple = f'<w:fldSimple w:instr="PAGE">{run("7")}</w:fldSimple>'
    assert text_of(p("page ", simple, "<w:r><w:instrText>REF x</w:instrText></w:r>", ".")) == "page 7.\n"


def test_a_layout_table_gives_paragraphs_and_its_headings_are_chapters():
    heading = '<w:pStyle w:val="Heading1"/>'
    body = control(p("The first landing", properties=heading)) + p("Text.")
    body += table(row(p("The second landing", properties=heading) + p("One.") + p("Two.")))
    book = read_book(docx(body), "a.docx")
    assert [chapter.title for chapter in book.chapters] == ["The first landing", "The second landing"]
    assert book.text.endswith("The second landing\n\nOne.\nTwo.\n")


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("chunk.html", b"<html><body><h1>The Ferry</h1><p>It left.</p></body></html>", "The Ferry\n\nIt left.\n"),
        ("chunk.txt", b"It left.\nAt noon.", "It left.\nAt noon.\n"),
        ("inner.docx", docx(p("It left.")), "It left.\n"),
    ],
)
def test_documents_inside_the_document_are_part_of_it(name, content, shown):
    relations = RELATIONS.format(f'<Relationship Id="c1" Type="{TYPE}aFChunk" Target="/word/{name}"/>')
    files = {"word___rels__document_DOT_xml_DOT_rels": relations, f"word__{name.replace('.', '_DOT_')}": content}
    assert text_of('<w:altChunk r:id="c1"/>', **files) == shown


def test_a_document_that_holds_itself_ends():
    relations = RELATIONS.format(f'<Relationship Id="c1" Type="{TYPE}aFChunk" Target="/word/c.docx"/>')
    data = docx(p("Inmost."))
    for _ in range(5):
        data = docx(
            p("One.") + '<w:altChunk r:id="c1"/>',
            word___rels__document_DOT_xml_DOT_rels=relations,
            word__c_DOT_docx=data,
        )
    book = read_book(data, "a.docx")
    assert book.text == "One.\n" * 4
    assert "could not be read" in book.notes[0]
