"""Characters in, words out, cut as reportlab cuts the fragments of a paragraph.

A word is a stretch of characters, its end exclusive, with flags and the fragment it begins in; it may cross fragments.
Empty words stand for spaces at the edges of fragments, which reportlab keeps. Knows nothing of widths.

Compiled. char_code int32 (characters,); starts int32 (fragments + 1,); is_break bool (fragments,); paragraphs int32 (paragraphs + 1,).

Facts: reportlab 5.1 platypus/paragraph.py (_getFragWords, split).
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled

THEN_SPACE = 1  # reportlab's _HSFrag: a space follows the word
IS_BREAK = 2
IN_PIECES = 4  # the word crosses fragments: its width is a sum of sums
NOWHERE = -1
# Of the word that may go on into the next fragment: its first character (or NOWHERE), first fragment, and fragments.
FIRST, OWNER, PIECES = range(3)


class Words(NamedTuple):
    """int32 each but the flags, which are uint8."""

    begin: np.ndarray  # into characters
    end: np.ndarray
    flags: np.ndarray
    fragment: np.ndarray


@compiled
def _put(words, n, begin, end, flags, fragment):
    words.begin[n], words.end[n], words.flags[n], words.fragment[n] = begin, end, flags, fragment
    return n + 1


@compiled
def _close(words, n, word, end, flags):
    """Put the open word, if there is one."""
    if word[FIRST] == NOWHERE:
        return n
    n = _put(words, n, word[FIRST], end, flags | (IN_PIECES if word[PIECES] > 1 else 0), word[OWNER])
    word[FIRST] = NOWHERE
    return n


@compiled
def _holds(code, char_code, a, z):
    c = a
    while c < z and char_code[c] != code:
        c += 1
    return c < z


@compiled
def _past(code, char_code, a, z):
    """The first character from a on that is another one, or z."""
    while a < z and char_code[a] == code:
        a += 1
    return a


@compiled
def _words_of_fragment(words, n, at_start, fragment, a, z, word, char_code, space, nbsp):
    """The words of characters a..z of one fragment; the last one stays open unless a space ends it. Returns the next n."""
    # A text with no-break spaces is split by a regular expression, which yields the empty words at its edges.
    keeps_empty = (char_code[a] == space or char_code[z - 1] == space) and _holds(nbsp, char_code, a, z)
    c = a
    if char_code[a] == space:
        if word[FIRST] != NOWHERE:
            n = _close(words, n, word, a, 0)
            n = _put(words, n, a, a, THEN_SPACE, fragment)
        elif n == at_start or not words.flags[n - 1] & THEN_SPACE:
            n = _put(words, n, a, a, THEN_SPACE, fragment)
        c = _past(space, char_code, a, z)
        if c == z:
            return n
        if keeps_empty:
            n = _put(words, n, a, a, THEN_SPACE, fragment)
    while c < z:
        if word[FIRST] == NOWHERE:
            word[FIRST], word[OWNER], word[PIECES] = c, fragment, 0
        word[PIECES] += 1
        while c < z and char_code[c] != space:
            c += 1
        if c < z:
            n = _close(words, n, word, c, THEN_SPACE)
            c = _past(space, char_code, c, z)
    if keeps_empty and char_code[z - 1] == space:
        n = _put(words, n, z, z, THEN_SPACE, fragment)
    return n


@compiled
def _words_of_paragraph(words, n, first, end, starts, is_break, word, char_code, space, nbsp):
    """The words of fragments first..end. Returns the next n."""
    at_start = n
    word[FIRST] = NOWHERE
    strips = True  # space at the start of a paragraph and after a break is nothing
    for fragment in range(first, end):
        a, z = starts[fragment], starts[fragment + 1]
        if is_break[fragment]:
            n = _close(words, n, word, a, 0)
            n = _put(words, n, a, a, IS_BREAK, fragment)
            strips = True
            continue
        if strips:
            a = _past(space, char_code, a, z)
            if a == z:
                continue
            strips = False
        n = _words_of_fragment(words, n, at_start, fragment, a, z, word, char_code, space, nbsp)
    n = _close(words, n, word, starts[end], 0)
    if end - first == 1:
        return _plain_split(words, at_start, n)
    if n == at_start and end > first:
        n = _put(words, n, starts[first], starts[first], 0, first)
    return n


@compiled
def _plain_split(words, start, stop):
    """A paragraph of one fragment is split plainly: no empty words, no breaks."""
    n = start
    for i in range(start, stop):
        if words.end[i] > words.begin[i]:
            n = _put(words, n, words.begin[i], words.end[i], 0, words.fragment[i])
    return n


@compiled
def cut_words(char_code, starts, is_break, paragraphs, space, nbsp):
    """The words of all paragraphs, and the first word of each paragraph with the end.

    `starts`: first character of every fragment, and the end; `paragraphs`: their first fragments, and the end.
    `space`, `nbsp`: these characters in char_code.
    """
    most = char_code.size + 2 * is_break.size + paragraphs.size + 8
    words = Words(
        np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.uint8), np.empty(most, np.int32)
    )
    firsts = np.zeros(paragraphs.size, np.int32)
    word = np.zeros(3, np.int64)
    n = 0
    for p in range(paragraphs.size - 1):
        firsts[p] = n
        n = _words_of_paragraph(
            words, n, paragraphs[p], paragraphs[p + 1], starts, is_break, word, char_code, space, nbsp
        )
    firsts[paragraphs.size - 1] = n
    return Words(words.begin[:n], words.end[:n], words.flags[:n], words.fragment[:n]), firsts
