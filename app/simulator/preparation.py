"""A parsed request in, a prompt ready for the engine out: model and limits checked, images fetched, text tokenised.

This is what a real server does before it sends HTTP headers, and what those wait for. The heavy parts run in threads.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.legibility import why_not
from app.simulator.answers import Reply, answer_from_pages, answer_from_text, opening_on_pages, opening_on_text
from app.simulator.caches import blocks_of
from app.simulator.chat_template import Prompt, build_prompt, read_conversation
from app.simulator.engine import Engine
from app.simulator.errors import InvalidRequest, UnknownModel
from app.simulator.images import PageImage, fetch
from app.simulator.manifests import ManifestIndex
from app.simulator.page_reading import PageReader, Piece, ReadBack
from app.simulator.request import ImagePart, Message
from app.simulator.settings import Reader, ServerRole, SimulatorSettings
from app.simulator.timing import preprocessing_seconds
from app.simulator.tokenizer import MAX_CHARACTERS_PER_TOKEN, Tokenizer, load

WRITERS = 4  # answers looked up at once


@dataclass(frozen=True, slots=True)
class Prepared:
    prompt: Prompt
    pages: tuple[PageImage, ...]
    seconds: float  # what the preprocessing takes on the simulated server


class Preparation:
    def __init__(self, settings: SimulatorSettings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._manifests = ManifestIndex(settings.pages_dir)
        # Of their own (bulkhead): answers that wait for the OCR program must not hold up the next question's preprocessing.
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="writer")
        self._reader = PageReader() if settings.reader is Reader.OCR and not why_not() else None

    def close(self) -> None:
        """Begins to look up nothing more, and waits for what is begun: a picture at most, once everybody has left."""
        self._writers.shutdown(cancel_futures=True)

    async def tokenizer(self) -> Tokenizer:
        return await asyncio.to_thread(load)

    def check_model(self, asked: str | None) -> None:
        if asked and asked != self._settings.model:
            raise UnknownModel(asked, self._settings.model)

    async def prompt(self, messages: Sequence[Message], thinking: bool) -> Prepared:
        parts = [part for message in messages for part in message.images]
        self._check_images(parts)
        self._check_characters(messages)
        pages, fetched, processed = await self._pages(parts)
        tokenizer = await self.tokenizer()
        prompt = await asyncio.to_thread(build_prompt, messages, pages, self._settings.role, thinking, tokenizer)
        text_tokens = len(prompt.tokens) - prompt.image_tokens
        return Prepared(prompt, tuple(pages), preprocessing_seconds(fetched, processed, text_tokens))

    async def blocks(self, prompt: Prompt, cache_salt: str) -> list[bytes]:
        return await asyncio.to_thread(lambda: blocks_of(prompt.cache_identity(), cache_salt))

    def check_length(self, prompt: Prompt) -> None:
        limit = self._settings.max_model_len
        length = len(prompt.tokens)
        text_tokens = length - prompt.image_tokens - 2 * len(prompt.images)
        if text_tokens > limit:
            # The real tokenizer stops one token past the limit, so the message never tells the true length.
            raise InvalidRequest(
                f"This model's maximum context length is {limit} tokens. However, your prompt contains at least "
                f"{limit + 1} input tokens, which exceeds this limit even without any output tokens. Please reduce "
                f"the length of the input prompt.",
                "input_tokens",
            )
        if length > limit:
            raise InvalidRequest(f"Input length ({length}) exceeds model's maximum context length ({limit}).")
        if length == limit:
            # It fits, but not a token more: the clamped max_tokens is 0, which vLLM's own check then refuses.
            raise InvalidRequest("max_tokens must be at least 1, got 0.", "max_tokens")

    async def opening(self, messages: Sequence[Message], prepared: Prepared) -> Reply:
        """How the answer begins: nothing is looked up for it."""

        def begin() -> Reply:
            conversation, tokens = read_conversation(messages), len(prepared.prompt.tokens)
            if self._settings.role is ServerRole.TEXT:
                return opening_on_text(conversation.document, conversation.question, tokens)
            return opening_on_pages(len(prepared.pages), conversation.document, conversation.question, tokens)

        return await asyncio.to_thread(begin)

    async def rest(self, messages: Sequence[Message], prepared: Prepared) -> str:
        """Of the answer's content, behind its opening. Cancelled, it begins no new picture."""
        left = threading.Event()
        try:
            loop = asyncio.get_running_loop()
            reply = await loop.run_in_executor(self._writers, self._reply, messages, prepared, left)
        finally:
            left.set()
        return reply.rest

    def _reply(self, messages: Sequence[Message], prepared: Prepared, left: threading.Event) -> Reply:
        conversation = read_conversation(messages)
        tokens = len(prepared.prompt.tokens)
        if self._settings.role is ServerRole.TEXT:
            return answer_from_text(conversation.document, conversation.question, tokens)
        texts = self._manifests.look_up(prepared.pages)
        if self._reader is None:
            return answer_from_pages(texts, conversation.document, conversation.question, tokens)
        known = list(texts)
        reader, pages = self._reader, prepared.pages
        texts, read = reader.read_missing(pages, known, left)

        def read_back(pieces: Sequence[Piece]) -> ReadBack | None:
            return reader.read_back(pages, known, pieces, left)

        def read_all() -> tuple[str, int]:
            return reader.read_all(pages, left)

        return answer_from_pages(texts, conversation.document, conversation.question, tokens, read_back, read, read_all)

    def _check_images(self, parts: Sequence[ImagePart]) -> None:
        if parts and self._settings.role is ServerRole.TEXT:
            raise InvalidRequest(f"{self._settings.model} is not a multimodal model")
        limit = self._settings.max_images
        if len(parts) > limit:
            raise InvalidRequest(
                f"At most {limit} image(s) may be provided in one prompt. Set `--limit-mm-per-prompt` to increase "
                f"this limit.",
                "image",
            )

    def _check_characters(self, messages: Sequence[Message]) -> None:
        """Before minutes are spent on tokenising what cannot fit."""
        limit = self._settings.max_model_len
        characters = sum(len(text) for message in messages for text in message.texts)
        allowed = limit * MAX_CHARACTERS_PER_TOKEN
        if characters > allowed:
            raise InvalidRequest(
                f"This model's maximum context length is {limit} tokens. However, your prompt contains {characters} "
                f"characters (more than {allowed} characters, which is the upper bound for {limit} input tokens). "
                f"Please reduce the length of the input prompt.",
                "input_text",
            )

    def _fetch(self, url: str, uuid: str | None) -> PageImage:
        page, data = fetch(url, uuid, self._settings.pages_dir)
        if self._reader is not None and page.path is None:
            self._reader.keep(page, data)
        return page

    async def _pages(self, parts: Sequence[ImagePart]) -> tuple[list[PageImage], int, int]:
        """The images, how many were fetched, and how many of those had to be processed."""
        cache = self._engine.processor
        fetched: list[PageImage | None] = []
        for part in parts:
            if part.url is None:
                fetched.append(None)
            else:
                fetched.append(await asyncio.to_thread(self._fetch, part.url, part.uuid))
        # Looked up before anything is added: a request that misses one image must not leave the others behind.
        pages: list[PageImage] = []
        processed = 0
        for index, (part, page) in enumerate(zip(parts, fetched, strict=True)):
            known = cache.get(page.key if page else str(part.uuid))
            if known is None and page is None:
                raise InvalidRequest(f"Cache miss for image at index {index} but data is not provided.")
            if known is None:
                processed += 1
            # A known key wins over the bytes sent with it, as in vLLM: the old picture is answered about. The same picture
            # in another file is taken from that file: the one it lay in before may be gone, and its manifest with it.
            if page is not None and (known is None or page.sha256 == known.sha256):
                pages.append(page)
            elif known is not None:
                pages.append(known)
        for page in pages:
            cache.add(page)
        return pages, sum(page is not None for page in fetched), processed


async def wait_until(received: float, seconds: float, speedup: float) -> None:
    """Sleep what is left of a simulated wait that began at `received` (perf_counter)."""
    left = received + seconds / speedup - time.perf_counter()
    if left > 0:
        await asyncio.sleep(left)
