"""A run as one HTML file that needs nothing else: question, formatted answers with what of them stands in the book, chart, settings,
pages as thumbnails, how to reproduce it.

In: a SharedRun and the kept pages' PNGs. Out: HTML without scripts; its Content-Security-Policy lets nothing be loaded or run but the
pictures and the style inside it. Everything that is not ours goes through html.escape; an answer comes as a tree of a fixed list of tags.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable
from html import escape

from PIL import Image

from app.checking import NOT_THE_SAME_AS_TRUE
from app.comparisons import KnownAnswer
from app.markdown.html_text import html_text
from app.markdown.tree import markdown_tree
from app.measurement import duration_words
from app.recordings import verdict_of
from app.tokens import share_of_book
from app.verdict import RULE

from .shared_run import SharedRun, SharedSide

MOST_THUMBNAILS = 24
_THUMBNAIL_PX = 180
_MOST_PIXELS = 40_000_000
_CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
_STYLE = """
:root { color-scheme: light dark; --text: #a84a06; --pages: #09706b; --line: #8886; }
@media (prefers-color-scheme: dark) { :root { --text: #f5ab4e; --pages: #38cfc0; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
.badge { border: 1px dashed currentColor; border-radius: 1rem; padding: .1rem .6rem; font-size: .85rem; display: inline-block; overflow-wrap: anywhere; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
section { border: 1px solid var(--line); border-top: 4px solid var(--hue); border-radius: .6rem; padding: .6rem 1rem; min-width: 0; }
.text { --hue: var(--text); } .pages { --hue: var(--pages); } h2 { color: var(--hue); margin: 0; }
.plain, .answer p { white-space: pre-line; } .answer { overflow-wrap: anywhere; } .answer pre, .answer .mb { display: block; overflow-x: auto; }
.answer pre { background: #8882; padding: .6rem .8rem; border-radius: .4rem; } .answer table { border-collapse: collapse; }
.answer th, .answer td { border: 1px solid var(--line); padding: .2rem .5rem; } .answer blockquote { border-left: 3px solid var(--hue); padding-left: .8rem; margin-left: 0; }
.answer .k { color: var(--text); font-weight: 600; } .answer .s, .answer .n { color: var(--pages); } .answer .c { font-style: italic; opacity: .8; }
.answer h1, .answer h2, .answer h3, .answer h4, .answer h5, .answer h6 { font-size: 1.08rem; }
.checked { margin: .6rem 0; font-size: .92rem; } .checked ul { list-style: none; padding: 0; } .checked .sign { display: inline-block; width: 1.4em; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1rem; }
dd { margin: 0; overflow-wrap: anywhere; } svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 13px; }
.thumbnails { display: flex; flex-wrap: wrap; gap: .5rem; } .thumbnails img { border: 1px solid var(--line); background: #fff; }
"""
PageBytes = Callable[[str], bytes | None]
"""A page's PNG by its sha256; None where it is not kept."""


def html_page(run: SharedRun, page_bytes: PageBytes = lambda _: None) -> str:
    title = escape(f"{run.header.title}: {run.header.question}")
    state = "<p><b>This run was broken off: what had come until then is here.</b></p>" if run.broken_off else ""
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_CSP}">',
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body>',
        f"<p>{escape(run.header.title)}</p><h1>{escape(run.header.question)}</h1>",
        f'<p><span class="badge">Recording</span> {escape(run.badge)}</p>{state}',
        f"<p><b>{escape(run.sentence)}</b></p>" if run.sentence else "",
        _chart(run),
        f'<div class="sides">{"".join(_side(side, run) for side in run.sides)}</div>',
        _known(run),
        _settings(run),
        _thumbnails(run, page_bytes),
        _reproduce(run),
        "</body></html>",
    ]
    return "\n".join(filter(None, parts))


def _chart(run: SharedRun) -> str:
    """Bars of the times to first token; hatched where simulated, as everywhere in the app."""
    shown = [(side, side.seen.latencies.ttft_ms) for side in run.sides]
    known = [(side, ttft) for side, ttft in shown if ttft is not None and math.isfinite(ttft)]
    if not known:
        return ""
    longest = max(ttft for _, ttft in known) or 1.0
    bars = []
    for number, (side, ttft) in enumerate(known):
        top, width = 34 * number + 4, max(2.0, 480 * ttft / longest)
        hue = f"var(--{side.asked.role.value})"
        fill = (
            f'fill="{hue}" fill-opacity=".35" stroke="{hue}" stroke-dasharray="5 3"'
            if side.asked.simulated
            else f'fill="{hue}"'
        )
        kind = "simulated" if side.asked.simulated else "measured"
        bars.append(
            f'<text x="0" y="{top + 17}">{escape(side.name)}</text><rect x="90" y="{top}" width="{width:.1f}" height="24" {fill}/>'
            f'<text x="{96 + width:.1f}" y="{top + 17}">{escape(duration_words(ttft, 2))}, {kind}</text>'
        )
    height = 34 * len(known) + 4
    label = "Time to first token"
    return f'<h3>{label}</h3><svg viewBox="0 0 720 {height}" role="img" aria-label="{label}">{"".join(bars)}</svg>'


def _verdict(side: SharedSide, known: KnownAnswer | None) -> str:
    verdict = verdict_of(side.seen, known)
    return f" <b>{verdict.mark} {verdict.value}</b>" if verdict else ""


def _side(side: SharedSide, run: SharedRun) -> str:
    seen, usage = side.seen, side.seen.usage
    figures = {
        "First token": _ms(seen.latencies.ttft_ms),
        "Total": _ms(seen.latencies.total_ms),
        "Prompt tokens": _count(seen.prompt_tokens),
        "From cache": _count(usage.cached_tokens if usage else None),
        "Generated": _count(usage.completion_tokens if usage else None),
        "State": seen.phase.label,
    }
    error = f"<p><b>{escape(seen.error.what_happened)}</b> {escape(seen.error.what_to_do)}</p>" if seen.error else ""
    thought = (
        f'<details><summary>Reasoning</summary><div class="answer plain">{escape(seen.reasoning)}</div></details>'
        if seen.reasoning
        else ""
    )
    return (
        f'<section class="{side.asked.role.value}"><h2>{escape(side.name)}</h2><p>{escape(side.asked.model)} '
        f'<span class="badge">{escape(side.kind)}</span>{_verdict(side, run.header.known)}</p>{error}{thought}'
        f'<div class="answer">{html_text(markdown_tree(seen.answer))}</div>{_looked_up(side, run)}{_list(figures)}</section>'
    )


def _looked_up(side: SharedSide, run: SharedRun) -> str:
    """The list of the answer's names, numbers and quotations, each with the page of the book that has it."""
    found, book = side.looked_up, run.passages
    if found is None or book is None:
        return ""
    rows = []
    for one in found.claims:
        page = book.page_at(one.span[0]) if one.span else 0
        told = "; ".join(filter(None, [one.found.value, f"page {page}" if page else "", one.note]))
        rows.append(
            f'<li><span class="sign" aria-hidden="true">{one.found.sign}</span>{escape(one.text)} <i>({escape(told)})</i></li>'
        )
    words = f"{found.words}. {NOT_THE_SAME_AS_TRUE}"
    return f'<details class="checked"><summary>{escape(words)}</summary><ul>{"".join(rows)}</ul></details>'


def _known(run: SharedRun) -> str:
    known = run.header.known
    return f"<p>Known answer: {escape(known.answer)}. {RULE}</p>" if known else ""


def _settings(run: SharedRun) -> str:
    stamp, cut = run.header.stamp, run.header.cut
    told = {"Pages": stamp.words} if stamp else {}
    if cut:
        told["Text model read"] = (
            f"{share_of_book(cut.read_share)} of the book, {cut.kept_tokens:,} of {cut.kept_tokens + cut.removed_tokens:,} tokens; the middle was cut"
        )
    for side in run.sides:
        one = side.asked.sampling
        told[f"{side.name}, sampling"] = (
            f"temperature {one.temperature:g}, top_p {one.top_p:g}, top_k {one.top_k}, at most {one.max_tokens:,} tokens, "
            f"thinking {'on' if one.thinking else 'off'}, seed {one.seed if one.seed is not None else 'none'}"
        )
    return f"<h3>Settings</h3>{_list(told)}"


def _thumbnails(run: SharedRun, page_bytes: PageBytes) -> str:
    hashes = next((side.page_hashes for side in run.sides if side.page_hashes), ())
    pictures = [(n, _thumbnail(page_bytes(one))) for n, one in enumerate(hashes[:MOST_THUMBNAILS], 1)]
    shown = [f'<img alt="Page {n}" src="data:image/png;base64,{data}">' for n, data in pictures if data]
    if not shown:
        return ""
    return f'<h3>Pages: {len(shown):,} of {len(hashes):,}</h3><div class="thumbnails">{"".join(shown)}</div>'


def _thumbnail(png: bytes | None) -> str:
    if not png:
        return ""
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return ""
            small = picture.convert("L")
            small.thumbnail((_THUMBNAIL_PX, 2 * _THUMBNAIL_PX))
    except (OSError, ValueError, Image.DecompressionBombError):
        return ""
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def _reproduce(run: SharedRun) -> str:
    book = run.header.book
    told = {
        "Book": f"{run.header.title}{f', sha256 {book.sha256}, {book.characters:,} characters' if book else ''}",
        "Rendering settings": run.header.settings or "not kept",
        "Asked from": run.header.machine,
    }
    for side in run.sides:
        version = f", version {side.asked.version}" if side.asked.version else ""
        told[f"{side.name}, server"] = f"{side.asked.model} at {side.asked.address}{version}; {side.kind}"
    steps = "Open the book in Glyph Side by Side with these settings, choose these servers, and ask the question above."
    return f"<h3>How to reproduce</h3><p>{steps}</p>{_list(told)}"


def _list(told: dict[str, str]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(words)}</dd>' for name, words in told.items() if words)}</dl>"


def _ms(value: float | None) -> str:
    return "" if value is None else duration_words(value, 2)


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
