"""Frozen dataclasses as plain JSON values, and back with every type checked: a recording may come from anywhere.

In: values of str, int, float, bool, None, StrEnum, Path, tuple and dataclasses of these. Out: the same as JSON; back, or BadRecording.
"""

from __future__ import annotations

import dataclasses
import math
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from app.recordings.errors import BadRecording

MAX_ITEMS = 20_000  # of one tuple: a book has fewer pages
_MOST: dict[type, float] = {int: 2**63, float: 1e15}  # what is reckoned with them overflows nowhere
_LONE_HALF = re.compile("[\ud800-\udfff]")  # half a surrogate pair: it can be neither written nor sent
T = TypeVar("T")


def to_plain(value: object) -> Any:
    """The value as json.dumps takes it. A path is told by its name only: where things lay is nobody's business."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Path):
        return value.name
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [to_plain(one) for one in value]
    return value


def from_plain(kind: type[T], value: object) -> T:
    """The value of this type that `to_plain` made `value` of. Fields that are not known are left out. Raises BadRecording."""
    return _read(kind, value, kind.__name__)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: object, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if value is None and type(None) in get_args(kind):
            return None
        return _read(next(one for one in get_args(kind) if one is not type(None)), value, where)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, where)
    if dataclasses.is_dataclass(kind):
        return _read_fields(kind, value, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum) and isinstance(value, str):
        if value in {one.value for one in kind}:
            return kind(value)
        raise BadRecording(f"{where} is {value[:40]!r}; it may be one of: {', '.join(kind)}.")
    if kind is Path and isinstance(value, str):
        return Path(Path(_LONE_HALF.sub("\ufffd", value)).name)  # never where a file says that something lies
    if (
        kind in (int, float) and isinstance(value, int | float) and abs(value) > _MOST[kind]
    ):  # NaN passes, and is none of them
        raise BadRecording(f"{where} is a number beyond all that a recording can tell.")
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if kind is str and isinstance(value, str):
        return _LONE_HALF.sub("\ufffd", value)
    if kind in (int, bool) and type(value) is kind:
        return value
    raise BadRecording(f"{where} is of the wrong kind: {type(value).__name__}.")


def _read_tuple(kinds: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise BadRecording(f"{where} must be a list of at most {MAX_ITEMS:,}.")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise BadRecording(f"{where} has {len(value)} items; it must have {len(kinds)}.")
    return tuple(_read(kind, one, where) for kind, one in zip(kinds, value, strict=True))


def _read_fields(kind: Any, value: object, where: str) -> Any:
    if not isinstance(value, dict):
        raise BadRecording(f"{where} must be an object.")
    given = {
        field.name: _read(_hints(kind)[field.name], value[field.name], f"{where}.{field.name}")
        for field in dataclasses.fields(kind)
        if field.name in value
    }
    try:
        return kind(**given)
    except TypeError:
        raise BadRecording(f"{where} lacks a field that it must have.") from None
