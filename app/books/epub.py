"""EPUB 2 and 3 in, a Draft out: container.xml → package → spine, chapters from the navigation document or the NCX.

Footnotes stay where the book has them; covers, pictures and style sheets are passed over. Knows the archive through
SafeZip and the pages through markup; nothing is fetched and no entity is expanded.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

from .book import BookFormat
from .entities import unescape_names
from .errors import BookDamaged, BookEmpty, BookEncrypted, BookError
from .html_page import without_gutenberg
from .html_text import add_page
from .page_source import parse_page
from .parsed_text import Draft, Progress
from .safezip import SafeZip
from .table_of_contents import Entry, divide
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file
from .xmlsafe import parse_xml

_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_NO_PAGES = re.compile(
    r"(?:image/(?!svg)|audio/|video/|font/|text/(?:css|javascript)|application/(?:.*font|.*opentype|vnd\.ms-opentype|pdf|"
    r"(?:x-)?javascript|ecmascript|x-dtbncx\+xml|smil\+xml|pls\+xml|octet-stream|x-shockwave-flash))",
    re.I,
)
_PAGE_ENDINGS = (".xhtml", ".html", ".htm", ".xml", ".svg")
_MAX_FALLBACKS = 16
_MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class _Package:
    """What the package document says: where pages are, in which order, and where the contents are listed."""

    title: str | None
    pages: tuple[str, ...]  # names in the archive, in reading order
    nav: str | None
    ncx: str | None


def read_epub(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """The text of the spine with its chapters."""
    archive = SafeZip(data, filename)
    _refuse_copy_protection(archive)
    package = _package(archive, _package_name(archive))
    builder = TextBuilder()
    missing: list[str] = []
    found_encodings: dict[str, None] = {}
    by_file: list[Entry] = []
    for number, name in enumerate(package.pages):
        progress(0.9 * number / len(package.pages), f"Section {number + 1} of {len(package.pages)}")
        stored = archive.find(name)
        if stored is None:
            missing.append(name)
            continue
        content = archive.read(stored)
        if not content.strip():
            continue
        root, found = parse_page(content, filename, encoding)
        found_encodings[found] = None
        builder.anchor(name)
        builder.gap()
        before = len(builder.headings)
        add_page(root, builder, prefix=name)
        if name in builder.anchors:
            heading = builder.headings[before].title if len(builder.headings) > before else ""
            by_file.append(Entry(heading or f"Section {len(by_file) + 1}", builder.anchors[name], 0))
    text = builder.finish()
    if not text.strip():
        raise _without_text(filename, package, missing)
    notes = []
    if missing:
        notes.append(f"{len(missing):,} sections named in the book are not in the file.")
    title = clean_title(package.title or title_of_file(filename))
    division = divide(text, title, _contents(archive, package, builder), builder.headings, by_file)
    shown = next(iter(found_encodings)) if len(found_encodings) == 1 else "several"
    draft = Draft(title, text, BookFormat.EPUB, shown, division.chapters, (*notes, *division.notes))
    return without_gutenberg(draft, keep_gutenberg)


def _without_text(filename: str, package: _Package, missing: list[str]) -> BookError:
    """Why there is no text: pictures are one reason, a file that lacks its pages is another."""
    if not missing:
        return BookEmpty(f"'{filename}' has no text: its pages hold pictures only; give an EPUB with text.")
    first = clean_title(missing[0], "?", 80)
    return BookDamaged(
        f"'{filename}' is no whole EPUB: {len(missing):,} of its {len(package.pages):,} sections are not in the file "
        f"(the first is '{first}'), and the others have no text; fetch it again."
    )


def _inside(archive: SafeZip, name: str) -> str | None:
    """A file of META-INF, at the top or in the folder that somebody packed whole."""
    return archive.find(name) or next(
        (stored for stored in archive.names if stored.replace("\\", "/").lower().endswith(f"/{name.lower()}")), None
    )


def _refuse_copy_protection(archive: SafeZip) -> None:
    name = _inside(archive, "META-INF/encryption.xml")
    if name is None:
        return
    root = parse_xml(archive.read(name), archive.filename, name)
    used = {method.get("Algorithm") for method in root.iter("{*}EncryptionMethod")}
    if used - set(_FONT_OBFUSCATION):
        raise BookEncrypted(f"'{archive.filename}' is copy-protected (DRM); give an EPUB without protection.")


def _package_name(archive: SafeZip) -> str:
    container = _inside(archive, "META-INF/container.xml")
    if container is not None:
        root = parse_xml(archive.read(container), archive.filename, container)
        around = container.replace("\\", "/")[: -len("META-INF/container.xml")]
        for rootfile in root.iter("{*}rootfile"):
            found = archive.find(around + unquote(rootfile.get("full-path", "").lstrip("/")))
            if found is not None:
                return found
    # Some tools forget the container.
    packages = [name for name in archive.names if name.lower().endswith(".opf") and "__macosx" not in name.lower()]
    if packages:
        return min(packages, key=lambda name: re.sub(r"[^/\\]", "", name))
    raise BookDamaged(f"'{archive.filename}' is no whole EPUB: it has no package document (.opf); fetch it again.")


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of the manifest."""

    name: str  # in the archive
    media_type: str
    properties: tuple[str, ...]
    fallback: str  # id of the item to show in its place

    @property
    def is_page(self) -> bool:
        """True for anything but what is certainly no text; old books have types of their own for their pages."""
        known = "xhtml" in self.media_type or self.media_type == "text/html"
        return known or self.name.lower().endswith(_PAGE_ENDINGS) or not _NO_PAGES.match(self.media_type)


def _package(archive: SafeZip, opf: str) -> _Package:
    root = parse_xml(archive.read(opf), archive.filename, opf)
    items: dict[str, _Item] = {}
    for item in root.iter("{*}item"):
        name = resolve(opf, item.get("href", ""), archive)[0]
        properties = tuple(item.get("properties", "").split())
        items[item.get("id", "")] = _Item(name, item.get("media-type", ""), properties, item.get("fallback", ""))
    spine = next(root.iter("{*}spine"), None)
    pages: dict[str, None] = {}
    for itemref in spine.iter("{*}itemref") if spine is not None else ():
        page = _page_of(items, itemref.get("idref", ""))
        if page is not None:
            pages[page.name] = None
    if not pages:
        pages = {
            item.name: None
            for item in items.values()
            if ("html" in item.media_type or item.name.lower().endswith(_PAGE_ENDINGS[:3]))
            and "nav" not in item.properties
        }
    if not pages:
        raise BookDamaged(f"'{archive.filename}' is no whole EPUB: its package lists no pages; fetch it again.")
    nav = next((item.name for item in items.values() if "nav" in item.properties), None)
    ncx = items.get(spine.get("toc", "") if spine is not None else "")
    if ncx is None:
        ncx = next((item for item in items.values() if item.media_type == "application/x-dtbncx+xml"), None)
    return _Package(_title(root), tuple(pages), nav, ncx.name if ncx else None)


def _page_of(items: dict[str, _Item], identifier: str) -> _Item | None:
    """The item of the spine, or the one it names as its fallback."""
    for _ in range(_MAX_FALLBACKS):
        item = items.get(identifier)
        if item is None or (item.name and item.is_page):
            return item
        identifier = item.fallback
    return None


def _title(package: etree._Element) -> str | None:
    for element in package.iter("{*}title", "{*}Title"):  # Dublin Core of any version
        text = unescape_names(" ".join("".join(element.itertext()).split()))
        if text:
            return text
    return None


def resolve(base: str, href: str, archive: SafeZip) -> tuple[str, str]:
    """A reference inside the book as a name, spelled as in the archive where it is there, and a fragment."""
    href = href.strip().replace("\\", "/")
    try:
        parts = urlsplit(href)
    except ValueError:
        return "", ""
    if parts.scheme or parts.netloc:
        return "", ""
    if not parts.path:
        return base, unquote(parts.fragment)
    name = _joined(base, unquote(parts.path))
    stored = archive.find(name)
    if stored is None and (parts.query or parts.fragment):
        whole = archive.find(_joined(base, unquote(href)))  # "#" or "?" in a file's name, not escaped
        if whole is not None:
            return whole, ""
    return stored or name, unquote(parts.fragment)


def _joined(base: str, path: str) -> str:
    """A path as a browser resolves it: what leads above the top ends at the top."""
    joined = posixpath.normpath(posixpath.join("/", posixpath.dirname(base.replace("\\", "/")), path))
    return joined.lstrip("/")


def _contents(archive: SafeZip, package: _Package, builder: TextBuilder) -> list[Entry]:
    """The entries of the navigation document, or of the NCX, that lead somewhere in the text.

    Of two lists the first, unless the second leads to more than twice as many places.
    """
    found: list[list[Entry]] = []
    for name, lister in ((package.nav, _nav_entries), (package.ncx, _ncx_entries)):
        stored = archive.find(name) if name else None
        if stored is None or name is None:
            continue
        try:
            listed = lister(parse_xml(archive.read(stored), archive.filename, stored))
        except BookDamaged:
            continue
        entries = []
        for title, href, depth in listed:
            page, fragment = resolve(stored, href, archive)
            offset = builder.anchors.get(f"{page}#{fragment}") if fragment else None
            if offset is None:
                offset = builder.anchors.get(page)
            if offset is not None and title:
                entries.append(Entry(title, offset, depth))
        found.append(entries)
    places = [len({entry.offset for entry in entries}) for entries in found]
    if len(found) == 2 and places[1] > 2 * places[0]:
        return found[1]
    return next((entries for entries in found if entries), [])


def _nav_entries(root: etree._Element) -> list[tuple[str, str, int]]:
    navs = list(root.iter("{*}nav"))
    epub_type = "{http://www.idpf.org/2007/ops}type"
    toc = next((nav for nav in navs if "toc" in nav.get(epub_type, "").split()), navs[0] if navs else None)
    if toc is None:
        return []
    entries = []
    for link in toc.iter("{*}a", "{*}span"):
        if link.tag.endswith("span") and next(link.iterancestors("{*}a"), None) is not None:
            continue
        depth = sum(1 for _ in link.iterancestors("{*}ol"))
        href = link.get("href", "")
        if href and depth <= _MAX_DEPTH:
            entries.append((_label(link), href, depth))
    return entries


def _ncx_entries(root: etree._Element) -> list[tuple[str, str, int]]:
    entries = []
    nav_map = root.find("{*}navMap")
    for point in nav_map.iter("{*}navPoint") if nav_map is not None else ():
        label, content = point.find("{*}navLabel"), point.find("{*}content")
        depth = sum(1 for _ in point.iterancestors("{*}navPoint"))
        if label is not None and content is not None and depth <= _MAX_DEPTH:
            entries.append((_label(label), content.get("src", ""), depth))
    return entries


def _label(element: etree._Element) -> str:
    """The words of an entry; a line break in it is a space, a picture what its alt text says."""
    pieces: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            name = etree.QName(inner).localname
            pieces += " " if name == "br" else inner.get("alt", "") if name == "img" else "", inner.text or ""
        elif inner is not element:
            pieces.append(inner.tail or "")
    return unescape_names(" ".join("".join(pieces).split()))
