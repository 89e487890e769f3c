"""A <math> element in, one line of text out: x², 1/2, √(a + b), aᵢ. Presentation MathML (W3C, MathML Core).

The annotations beside the formula (the same in TeX) are passed over; they are taken only where there is nothing else.
"""

from __future__ import annotations

import re

from lxml import etree

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_RAISABLE = re.compile(r"[0-9+\-−=()ni]+")
_LOWERABLE = re.compile(r"[0-9+\-−=()]+")
_SIMPLE = re.compile(r"[\w.,′∞]+|\([^()]*\)|√\([^()]*\)")
_INVISIBLE = re.compile("[\u2061-\u2064\u200b]")
_SPACED = re.compile(r"[=≠<>≤≥≈≡∼≃≅∝→←↔⇒⇔∈∉⊂⊆∪∩±∓×·÷+−∧∨]|-")
_PASSED_OVER = frozenset(
    ("annotation", "annotation-xml", "mphantom", "none", "mprescripts", "maligngroup", "malignmark")
)
_MAX_DEPTH = 100


def formula(math: etree._Element) -> str:
    """The formula on one line; what its `alttext` says where it has no elements."""
    text = " ".join(_INVISIBLE.sub("", _text(math, 0)).split())
    return text or " ".join(math.get("alttext", "").split())


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _children(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _text(element: etree._Element, depth: int) -> str:
    name = _name(element)
    if name in _PASSED_OVER or depth > _MAX_DEPTH:
        return ""
    children = _children(element)
    if not children:
        return _leaf(name, element.text or "")
    parts = [_text(child, depth + 1) for child in children]
    if maker := _MAKERS.get(name):
        try:
            return maker(parts)
        except IndexError:  # fewer children than the element must have
            pass
    if name == "mfenced":
        inner = f"{element.get('separators', ',')[:1] or ','} ".join(parts)
        return f"{element.get('open', '(')}{inner}{element.get('close', ')')}"
    return (element.text or "").strip() + "".join(
        part + ((child.tail or "").strip()) for part, child in zip(parts, children, strict=True)
    )


def _leaf(name: str, text: str) -> str:
    text = " ".join(text.split())
    if name == "mspace":
        return " "
    if name == "mtext":
        return f" {text} " if text else " "
    if name == "mo" and _SPACED.fullmatch(text):
        return f" {text} "
    if name == "mo" and text in (",", ";"):
        return f"{text} "
    return text


def _in_brackets(part: str) -> str:
    part = part.strip()
    return part if _SIMPLE.fullmatch(part) else f"({part})"


def _raised(base: str, script: str) -> str:
    script = "".join(script.split())
    if script in ("′", "″", "‴", "'", "*", "°", "†"):
        return base + script
    if _RAISABLE.fullmatch(script):
        return base + script.translate(_RAISED)
    return f"{base}^{script}" if len(script) == 1 else f"{base}^({script})" if script else base


def _lowered(base: str, script: str) -> str:
    script = "".join(script.split())
    if _LOWERABLE.fullmatch(script):
        return base + script.translate(_LOWERED)
    return f"{base}_{script}" if len(script) == 1 else f"{base}_({script})" if script else base


def _base(part: str) -> str:
    """What a script hangs on: brackets where it is more than one symbol."""
    part = part.strip()
    return part if len(part) <= 1 or not re.search(r"[\s+\-−/]", part) else _in_brackets(part)


_MAKERS = {
    "mfrac": lambda p: f"{_in_brackets(p[0])}/{_in_brackets(p[1])}",
    "msup": lambda p: _raised(_base(p[0]), p[1]),
    "msub": lambda p: _lowered(_base(p[0]), p[1]),
    "msubsup": lambda p: _raised(_lowered(_base(p[0]), p[1]), p[2]),
    "munder": lambda p: _lowered(p[0].strip(), p[1]),
    "mover": lambda p: p[0].strip() + p[1].strip() if len(p[1].strip()) == 1 else _raised(p[0].strip(), p[1]),
    "munderover": lambda p: _raised(_lowered(p[0].strip(), p[1]), p[2]) + " ",
    "msqrt": lambda p: f"√({''.join(p).strip()})" if len("".join(p).strip()) > 1 else f"√{''.join(p).strip()}",
    "mroot": lambda p: f"{_raised('', p[1])}√({p[0].strip()})",
    "mtr": lambda p: ", ".join(part.strip() for part in p),
    "mlabeledtr": lambda p: ", ".join(part.strip() for part in p[1:]),
    "mtable": lambda p: "; ".join(part.strip() for part in p),
    "semantics": lambda p: p[0],
}
