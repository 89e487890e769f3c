"""EPUB 2 and 3 in, a Draft out: container.xml → package → spine, chapters from the navigation document or the NCX.

Footnotes stay where the book has them; covers, pictures and style sheets are passed over. Knows the archive through
SafeZip and the pages through markup; nothing is fetched and no entity is expanded.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

from .book import BookFormat
from .errors import BookDamaged, BookEmpty, BookEncrypted
from .html_page import without_gutenberg
from .html_text import add_page, parse_page
from .parsed_text import Draft, Progress
from .safezip import SafeZip
from .table_of_contents import Entry, chapters_of
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file
from .xmlsafe import parse_xml

_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
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
    notes: list[str] = []
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
        raise BookEmpty(f"'{filename}' has no text: its pages hold pictures only; give an EPUB with text.")
    if missing:
        notes.append(f"{len(missing):,} sections named in the book are not in the file.")
    title = clean_title(package.title or title_of_file(filename))
    entries = _contents(archive, package, builder)
    chapters = chapters_of(text, title, entries, builder.headings, by_file)
    shown = next(iter(found_encodings)) if len(found_encodings) == 1 else "several"
    draft = Draft(title, text, BookFormat.EPUB, shown, chapters, tuple(notes))
    return without_gutenberg(draft, keep_gutenberg)


def _refuse_copy_protection(archive: SafeZip) -> None:
    name = archive.find("META-INF/encryption.xml")
    if name is None:
        return
    root = parse_xml(archive.read(name), archive.filename, name)
    used = {method.get("Algorithm") for method in root.iter("{*}EncryptionMethod")}
    if used - set(_FONT_OBFUSCATION):
        raise BookEncrypted(f"'{archive.filename}' is copy-protected (DRM); give an EPUB without protection.")


def _package_name(archive: SafeZip) -> str:
    container = archive.find("META-INF/container.xml")
    if container is not None:
        root = parse_xml(archive.read(container), archive.filename, container)
        for rootfile in root.iter("{*}rootfile"):
            found = archive.find(unquote(rootfile.get("full-path", "")))
            if found is not None:
                return found
    for name in archive.names:  # some tools forget the container
        if name.lower().endswith(".opf"):
            return name
    raise BookDamaged(f"'{archive.filename}' is no whole EPUB: it has no package document (.opf); fetch it again.")


def _package(archive: SafeZip, opf: str) -> _Package:
    root = parse_xml(archive.read(opf), archive.filename, opf)
    items: dict[str, tuple[str, str, str]] = {}
    nav = None
    for item in root.iter("{*}item"):
        target = resolve(opf, item.get("href", ""))[0]
        items[item.get("id", "")] = (target, item.get("media-type", ""), item.get("properties", ""))
        if "nav" in item.get("properties", "").split():
            nav = target
    spine = root.find("{*}spine")
    pages: list[str] = []
    for itemref in spine.iter("{*}itemref") if spine is not None else ():
        target, media_type, _ = items.get(itemref.get("idref", ""), ("", "", ""))
        readable = media_type in _PAGES or target.lower().endswith((".xhtml", ".html", ".htm", ".xml"))
        if target and readable and target not in pages:
            pages.append(target)
    if not pages:
        pages = [
            target
            for target, media_type, properties in items.values()
            if media_type in _PAGES and "nav" not in properties
        ]
    if not pages:
        raise BookDamaged(f"'{archive.filename}' is no whole EPUB: its package lists no pages; fetch it again.")
    ncx_item = items.get(spine.get("toc", "") if spine is not None else "")
    ncx = (
        ncx_item[0]
        if ncx_item
        else next((t for t, kind, _ in items.values() if kind == "application/x-dtbncx+xml"), None)
    )
    title = next(
        (" ".join("".join(e.itertext()).split()) for e in root.iter("{http://purl.org/dc/elements/1.1/}title")), None
    )
    return _Package(title, tuple(pages), nav, ncx)


def resolve(base: str, href: str) -> tuple[str, str]:
    """A reference inside the book as a name in the archive and a fragment."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return "", ""
    if parts.scheme or parts.netloc:
        return "", ""
    path = unquote(parts.path)
    name = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base
    return name.lstrip("/"), unquote(parts.fragment)


def _contents(archive: SafeZip, package: _Package, builder: TextBuilder) -> list[Entry]:
    """The entries of the navigation document, or of the NCX, that lead somewhere in the text."""
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
            page, fragment = resolve(name, href)
            offset = builder.anchors.get(f"{page}#{fragment}") if fragment else None
            if offset is None:
                offset = builder.anchors.get(page)
            if offset is not None and title:
                entries.append(Entry(title, offset, depth))
        if entries:
            return entries
    return []


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
            entries.append((" ".join("".join(link.itertext()).split()), href, depth))
    return entries


def _ncx_entries(root: etree._Element) -> list[tuple[str, str, int]]:
    entries = []
    nav_map = root.find("{*}navMap")
    for point in nav_map.iter("{*}navPoint") if nav_map is not None else ():
        label, content = point.find("{*}navLabel"), point.find("{*}content")
        depth = sum(1 for _ in point.iterancestors("{*}navPoint"))
        if label is not None and content is not None and depth <= _MAX_DEPTH:
            entries.append((" ".join("".join(label.itertext()).split()), content.get("src", ""), depth))
    return entries
