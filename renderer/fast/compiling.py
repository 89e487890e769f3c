"""The decorators for compiled functions: numba, without the GIL, kept between runs as machine_code.py says.

Importing this sets nothing of numba's own: other users of numba in the process keep their cache.
"""

from collections.abc import Callable
from typing import Any

import numba
from numba.core.caching import Cache, CompileResultCacheImpl, _CacheLocator

from .machine_code import cache_folder, digest

_njit: Any = numba.njit  # with options that its types do not name
_compiled: list[Any] = []


class _Locator(_CacheLocator):
    """One folder a module, by its name and not by its place; fresh for as long as the digest is the same."""

    def __init__(self, function: Callable) -> None:
        self._function = function
        self._py_file = function.__code__.co_filename  # numba's warnings name it

    def get_cache_path(self) -> str:
        return str(cache_folder() / self._function.__module__)

    def get_source_stamp(self) -> str:
        return digest()

    def get_disambiguator(self) -> str:
        return str(self._function.__code__.co_firstlineno)

    @classmethod
    def from_function(cls, py_func: Callable, py_file: str) -> "_Locator":
        return cls(py_func)


class _Found(CompileResultCacheImpl):
    _locator_classes: list[type[object]] = [_Locator]  # noqa: RUF012 — numba's own name and type


class _ContentCache(Cache):
    """As numba's FunctionCache, found by content. A folder that cannot be read or written costs time, not the page."""

    _impl_class: Any = _Found

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except OSError:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError:
            self.disable()


def compiled(function: Callable) -> Any:
    """Called from Python: compiled at its first call, or taken from the cache."""
    dispatcher = _njit(nogil=True, _nrt=True)(function)
    dispatcher._cache = _ContentCache(function)  # what its enable_caching() does with numba's own class
    _compiled.append(dispatcher)
    return dispatcher


# For what only compiled functions call: their cache holds it already, and nothing unpacks Python's arguments for it.
compiled_inner = _njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=True)
# The same for what neither makes arrays nor returns them, and so need not count references to them: on named tuples of
# many arrays the counting took fifteen times as long as breaking the lines.
compiled_bare = _njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
# The same, for what is called for every word: passing the tuples on takes as long as the work.
compiled_inline = _njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False, forceinline=True)


def ready_functions() -> tuple[int, int]:
    """How many compiled functions have machine code in this process, and how many there are."""
    return sum(bool(dispatcher.overloads) for dispatcher in _compiled), len(_compiled)
