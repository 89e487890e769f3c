r"""Texts may say "<image>": in a training row that would call for a picture, and "<|user|>" would end a turn.

A backslash goes behind the "<" of every such word, and one more where backslashes stand there already, so that nothing is
lost: `unescape(escape(text)) == text` for every text. The words: the placeholders of ms-swift and LLaMA-Factory
(image, video, audio), <think> and <answer> with their ends, and anything of the form <|name|>, as GLM's and Qwen's
special tokens are. Pages show the text itself, unescaped.
"""

import re

_WORDS = r"(?:image|video|audio|/?think|/?answer|\|[A-Za-z_]{1,40}\|)>"
_PLAIN = re.compile(rf"<(\\*)({_WORDS})")
_ESCAPED = re.compile(rf"<\\(\\*)({_WORDS})")


def escape(text: str) -> str:
    return _PLAIN.sub(r"<\\\1\2", text)


def unescape(text: str) -> str:
    return _ESCAPED.sub(r"<\1\2", text)
