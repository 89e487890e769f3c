"""A formula of Word (Office Math, ECMA-376 part 1, 22.1) in, one line of text out, by way of MathML.

Each element becomes its twin there, so that formulas of Word, EPUB and web pages come out alike.
"""

from __future__ import annotations

import re

from lxml import etree

from .mathml import formula

_TOKENS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|\s+|.", re.S)


def office_formula(math: etree._Element) -> str:
    """<m:oMath> as text: x², 1/2, √(a + b)."""
    return formula(_row(math))


def _row(element: etree._Element | None, tag: str = "mrow") -> etree._Element:
    row = etree.Element(tag)
    for child in element if element is not None else ():
        if isinstance(child.tag, str):
            row.extend(_converted(child))
    return row


def _converted(element: etree._Element) -> list[etree._Element]:
    name = element.tag.rpartition("}")[2]
    if name == "r":
        return _run(element)
    if name.endswith("Pr") or name in ("del", "moveFrom"):
        return []
    if maker := _MAKERS.get(name):
        return [maker(element)]
    return list(_row(element))


def _run(run: etree._Element) -> list[etree._Element]:
    text = "".join(t.text or "" for t in run.iterfind("{*}t"))
    if run.find("{*}rPr/{*}nor") is not None:
        return [_leaf("mtext", text)]
    kinds = {True: "mn", False: "mo"}
    return [
        _leaf("mi" if token.isalpha() else "mtext" if token.isspace() else kinds[token[0].isdigit()], token)
        for token in _TOKENS.findall(text)
    ]


def _leaf(tag: str, text: str) -> etree._Element:
    leaf = etree.Element(tag)
    leaf.text = text
    return leaf


def _part(element: etree._Element, name: str) -> etree._Element:
    return _row(element.find(f"{{*}}{name}"))


def _property(element: etree._Element, kind: str, name: str, default: str) -> str:
    found = element.find(f"{{*}}{kind}/{{*}}{name}")
    if found is None:
        return default
    return next((value for key, value in found.attrib.items() if key.rpartition("}")[2] == "val"), default)


def _with(tag: str, *children: etree._Element) -> etree._Element:
    made = etree.Element(tag)
    made.extend(children)
    return made


def _parts(tag: str, *names: str):
    return lambda element: _with(tag, *(_part(element, name) for name in names))


def _radical(element: etree._Element) -> etree._Element:
    degree = _part(element, "deg")
    if len(degree):
        return _with("mroot", _part(element, "e"), degree)
    return _with("msqrt", _part(element, "e"))


def _nary(element: etree._Element) -> etree._Element:
    sign = _leaf("mo", _property(element, "naryPr", "chr", "∫"))
    return _with("mrow", _with("munderover", sign, _part(element, "sub"), _part(element, "sup")), _part(element, "e"))


def _delimited(element: etree._Element) -> etree._Element:
    row = _with("mrow", _leaf("mo", _property(element, "dPr", "begChr", "(")))
    for number, part in enumerate(element.iterfind("{*}e")):
        if number:
            row.append(_leaf("mo", _property(element, "dPr", "sepChr", "|")))
        row.append(_row(part))
    row.append(_leaf("mo", _property(element, "dPr", "endChr", ")")))
    return row


def _rows(element: etree._Element) -> etree._Element:
    """A matrix, or equations below each other."""
    rows = element.findall("{*}mr")
    if rows:
        return _with("mtable", *(_with("mtr", *(_row(cell, "mtd") for cell in row.iterfind("{*}e"))) for row in rows))
    return _with("mtable", *(_with("mtr", _row(line, "mtd")) for line in element.iterfind("{*}e")))


def _accent(element: etree._Element) -> etree._Element:
    return _with("mover", _part(element, "e"), _leaf("mo", _property(element, "accPr", "chr", "\u0302")))


def _before(element: etree._Element) -> etree._Element:
    scripts = _with("msubsup", etree.Element("mrow"), _part(element, "sub"), _part(element, "sup"))
    return _with("mrow", scripts, _part(element, "e"))


def _function(element: etree._Element) -> etree._Element:
    return _with("mrow", _part(element, "fName"), _leaf("mspace", ""), _part(element, "e"))


_MAKERS = {
    "f": _parts("mfrac", "num", "den"),
    "sSup": _parts("msup", "e", "sup"),
    "sSub": _parts("msub", "e", "sub"),
    "sSubSup": _parts("msubsup", "e", "sub", "sup"),
    "limLow": _parts("munder", "e", "lim"),
    "limUpp": _parts("mover", "e", "lim"),
    "sPre": _before,
    "rad": _radical,
    "nary": _nary,
    "d": _delimited,
    "m": _rows,
    "eqArr": _rows,
    "acc": _accent,
    "func": _function,
}
