"""An answer's body in pieces of a bounded size, unpacked when a server packs what nobody asked it to pack.

In: an httpx response whose body was not read yet. Out: pieces of at most PIECE_BYTES, as they arrive.
httpx's own decoders turn 64 kB of a gzip bomb into 64 MB at once; here each piece is handed on before the next is made.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpx

from app.outbound.trouble import Fault, Trouble

PIECE_BYTES = 64 * 1024
_ANY_ZLIB = 47  # zlib's or gzip's header, whichever stands there


def pieces_of(response: httpx.Response) -> Iterator[bytes]:
    """Raises Trouble (PACKED) for a packing that is not read here or is damaged, and httpx's own errors."""
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        return response.iter_raw()
    if packing in ("gzip", "x-gzip", "deflate"):
        return _inflated(response.iter_raw())
    raise Trouble(Fault.PACKED, packing[:20])


def _inflated(packed: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_ANY_ZLIB)
    for chunk in packed:
        rest = chunk
        while not unpacker.eof:
            try:
                piece = unpacker.decompress(rest, PIECE_BYTES)
            except zlib.error as error:
                raise Trouble(Fault.PACKED, "damaged gzip") from error
            rest = unpacker.unconsumed_tail
            if piece:
                yield piece
            if not rest and len(piece) < PIECE_BYTES:
                break
