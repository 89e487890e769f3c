"""Text that grows at its end, at a cost that grows with what is new. In: pieces. Out: the whole, or what came after a place.

`text += piece` on an attribute copies all that is there, at each piece; here pieces are joined when somebody looks.
"""

from __future__ import annotations


class GrowingText:
    """Not safe from several threads by itself."""

    def __init__(self) -> None:
        self._joined = ""
        self._pieces: list[str] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __bool__(self) -> bool:
        return self._length > 0

    def add(self, piece: str) -> None:
        if piece:
            self._pieces.append(piece)
            self._length += len(piece)

    @property
    def whole(self) -> str:
        if self._pieces:
            self._joined = "".join((self._joined, *self._pieces))
            self._pieces = []
        return self._joined

    def since(self, start: int) -> str:
        """What stands from this character on."""
        return self.whole[start:]
