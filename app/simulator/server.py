"""The routes of one simulated server, as an ASGI application: HTTP in, JSON or server-sent events out.

Chat completions are a plain ASGI endpoint rather than a framework's response: a client that leaves must be noticed
while nothing is being sent to it, and a failure must be able to drop the connection.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
import traceback
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.simulator.answer_events import (
    DONE,
    EventWriter,
    Output,
    Usage,
    begun_output,
    completion,
    event,
    json_bytes,
    whole_output,
)
from app.simulator.connection import Connection, EventSink
from app.simulator.engine import Engine
from app.simulator.errors import InvalidRequest, ServerFault, SimulatorOptionError, WireError, error_body
from app.simulator.failures import Failure, Kind, parse_failures
from app.simulator.generation import ConnectionDropped, Job, generate
from app.simulator.preparation import Preparation, Prepared, wait_until
from app.simulator.request import ChatRequest, parse_chat, parse_json, parse_tokenize
from app.simulator.settings import SimulatorSettings

FAILURE_HEADER = "x-simulate-failure"
VERSION = "0.32.0"  # of the vLLM whose wire is spoken


class SimulatedServer:
    """One role's state and routes. `app` is the ASGI application."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self.settings = settings
        self.engine = Engine(settings)
        self.preparation = Preparation(settings, self.engine)
        self.closing = asyncio.Event()
        self.app = Starlette(
            routes=[
                Route("/health", self._health),
                Route("/version", self._version),
                Route("/v1/models", self._models),
                Route("/metrics", self._metrics),
                Route("/tokenize", self._tokenize, methods=["POST"]),
                Route("/v1/chat/completions", _Chat(self), methods=["POST"]),
                Route("/reset_prefix_cache", self._reset_prefix_cache, methods=["POST"]),
                Route("/reset_mm_cache", self._reset_mm_cache, methods=["POST"]),
                Route("/reset_encoder_cache", self._reset_encoder_cache, methods=["POST"]),
            ],
            exception_handlers={HTTPException: _http_error, WireError: _wire_error},
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette):
        # The tokenizer is read meanwhile: requests that come before it is there wait for it.
        reading = asyncio.ensure_future(self.preparation.tokenizer())
        yield
        reading.cancel()
        await asyncio.to_thread(self.preparation.close)

    async def _health(self, request: Request) -> Response:
        return Response(status_code=503 if self.engine.dead else 200)

    async def _version(self, request: Request) -> Response:
        return JSONResponse({"version": VERSION, "simulator": True})

    async def _models(self, request: Request) -> Response:
        settings = self.settings
        card = {
            "id": settings.model,
            "object": "model",
            "created": int(time.time()),
            "owned_by": "simulator",
            "root": settings.model,
            "parent": None,
            "max_model_len": settings.max_model_len,
            "permission": [],
            "simulator": {"gpu": settings.gpu.id, "gpu_name": settings.gpu.name, "speedup": settings.speedup},
        }
        return JSONResponse({"object": "list", "data": [card]})

    async def _metrics(self, request: Request) -> Response:
        return PlainTextResponse(self.engine.metrics(), media_type="text/plain; version=0.0.4")

    async def _tokenize(self, request: Request) -> Response:
        body = await Connection(request.scope, request.receive, None).body(self.settings.max_body_bytes)
        asked = parse_tokenize(await asyncio.to_thread(parse_json, body or b""))
        self.preparation.check_model(asked.model)
        tokenizer = await self.preparation.tokenizer()
        if asked.prompt is not None:
            tokens = await asyncio.to_thread(tokenizer.encode, asked.prompt)
        else:
            tokens = (await self.preparation.prompt(asked.messages, asked.thinking)).prompt.tokens

        def answer() -> bytes:
            numbers = tokens.tolist()
            strings = [tokenizer.decode([number]) for number in numbers] if asked.return_token_strs else None
            limit = self.settings.max_model_len
            return json_bytes({"count": len(numbers), "max_model_len": limit, "tokens": numbers, "token_strs": strings})

        # In a thread: a novel's quarter of a million numbers take long enough to be felt in other people's streams.
        return Response(await asyncio.to_thread(answer), media_type="application/json")

    async def _reset_prefix_cache(self, request: Request) -> Response:
        # vLLM refuses while running requests hold blocks, unless told to reset those as well.
        free = not self.engine.running or request.query_params.get("reset_running_requests") == "true"
        if free:
            self.engine.prefix.clear()
        return JSONResponse({"success": free})

    async def _reset_mm_cache(self, request: Request) -> Response:
        self.engine.processor.clear()
        return Response()

    async def _reset_encoder_cache(self, request: Request) -> Response:
        self.engine.encoder.clear()
        return Response()


class _Chat:
    """POST /v1/chat/completions."""

    def __init__(self, server: SimulatedServer) -> None:
        self._server = server
        self._settings = server.settings
        self._engine = server.engine
        self._preparation = server.preparation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = Connection(scope, receive, send)
        received = time.perf_counter()
        try:
            body = await connection.body(self._settings.max_body_bytes)
            if body is None:
                return
            failures = self._failures(connection.header(FAILURE_HEADER))
        except WireError as error:
            await connection.json(error.status, error.body())
            return
        work = asyncio.ensure_future(self._answer(connection, body, failures, received))
        try:
            await connection.until_gone_or(work, self._server.closing)
        except ConnectionDropped:
            connection.drop()
        if self._server.closing.is_set():
            connection.drop()

    def _failures(self, header: str) -> tuple[Failure, ...]:
        try:
            return self._settings.failures + parse_failures(header)
        except SimulatorOptionError as error:
            raise InvalidRequest(str(error), FAILURE_HEADER) from error

    async def _answer(
        self, connection: Connection, body: bytes, failures: tuple[Failure, ...], received: float
    ) -> None:
        for failure in failures:
            if failure.kind is Kind.REFUSE:
                raise ConnectionDropped
            if failure.kind is Kind.ERROR:
                kind = "InternalServerError" if failure.status >= 500 else "BadRequestError"
                message = f"Simulated failure with status {failure.status}."
                await connection.json(failure.status, error_body(message, kind, failure.status))
                return
        try:
            request = parse_chat(await asyncio.to_thread(parse_json, body), self._settings.max_model_len)
            self._preparation.check_model(request.model)
            self._engine.check_alive()
            prepared = await self._preparation.prompt(request.messages, request.thinking)
            self._preparation.check_length(prepared.prompt)
            blocks = await self._preparation.blocks(prepared.prompt, request.cache_salt)
            begun = await self._begin(request, prepared, failures)
        except WireError as error:
            await connection.json(error.status, error.body())
            return
        except Exception as error:
            traceback.print_exc()
            await connection.json(500, ServerFault(str(error)).body())
            return
        # Its words are looked for while its simulated preprocessing, queue and prefill last.
        writing = asyncio.ensure_future(self._write(request, prepared, begun, failures))
        try:
            await wait_until(received, prepared.seconds, self._settings.speedup)
            for failure in failures:
                if failure.kind is Kind.SLOW_HEADERS:
                    await asyncio.sleep(failure.seconds)
            job = Job(prepared.prompt, blocks, begun, writing, received, failures)
            await (self._stream if request.stream else self._whole)(connection, request, job)
        finally:
            writing.cancel()
        if job.crash_exits:
            # As vLLM: the parent notices the dead engine and ends with status 0.
            asyncio.get_running_loop().call_later(1.0, os.kill, os.getpid(), signal.SIGTERM)

    async def _begin(self, request: ChatRequest, prepared: Prepared, failures: tuple[Failure, ...]) -> Output:
        opening = await self._preparation.opening(request.messages, prepared)
        if _tagged(failures):
            opening = replace(opening, content=f"<answer>{opening.content}")
        tokenizer = await self._preparation.tokenizer()
        return begun_output(opening, request.thinking, self._room(request, prepared), tokenizer)

    async def _write(
        self, request: ChatRequest, prepared: Prepared, begun: Output, failures: tuple[Failure, ...]
    ) -> Output:
        if begun.is_whole:
            return begun
        rest = await self._preparation.rest(request.messages, prepared)
        if _tagged(failures):
            rest += "</answer>"
        return whole_output(begun, rest, self._room(request, prepared), await self._preparation.tokenizer())

    def _room(self, request: ChatRequest, prepared: Prepared) -> int:
        """For the answer, in tokens."""
        room = self._settings.max_model_len - len(prepared.prompt.tokens)
        return min(request.max_tokens or room, room)

    async def _stream(self, connection: Connection, request: ChatRequest, job: Job) -> None:
        writer = EventWriter(self._settings.model, _reasoning_field(job))
        split = job.failure(Kind.SPLIT_BYTES) is not None
        async with EventSink(connection, self._settings.keep_alive_seconds, split) as sink:
            try:
                await self._send_tokens(sink, writer, request, job)
            except WireError as error:
                await sink.write(event(error.body()))
            except (ConnectionDropped, ConnectionError):
                raise
            except Exception as error:
                traceback.print_exc()
                await sink.write(event(ServerFault(str(error)).body()))
            await sink.write(DONE)

    async def _send_tokens(self, sink: EventSink, writer: EventWriter, request: ChatRequest, job: Job) -> None:
        shown = self._usage(job, None) if request.continuous_usage else None
        first = True

        async def tell(total: int, cached: int, read: int, milliseconds: float) -> None:
            await sink.write(writer.progress(total, cached, read, milliseconds))

        job.on_progress = tell if request.return_progress else None
        async with aclosing(generate(self._engine, job)) as batches:
            async for batch in batches:
                output = job.known
                events = [writer.role(self._usage(job, None, 0) if request.continuous_usage else None)] if first else []
                first = False
                before = job.generated - len(batch)
                for index, token in enumerate(batch, start=before + 1):
                    if token.thought and not request.include_reasoning:
                        continue
                    shown = self._usage(job, output, index) if request.continuous_usage else None
                    events.append(writer.token(token, shown))
                if job.generated == len(output.tokens) and output.finish_reason is not None:
                    events.append(writer.finish(output.finish_reason, shown))
                await sink.write(b"".join(events))
        if request.include_usage and job.failure(Kind.NO_USAGE) is None:
            usage = self._usage(job, job.known)
            await sink.write(writer.usage(usage, job.marks.metrics(job.generated)))

    async def _whole(self, connection: Connection, request: ChatRequest, job: Job) -> None:
        try:
            async with aclosing(generate(self._engine, job)) as batches:
                async for _ in batches:
                    pass
        except WireError as error:
            await connection.json(error.status, error.body())
            return
        output = job.known
        answer = completion(
            self._settings.model,
            output,
            self._usage(job, output),
            job.marks.metrics(job.generated),
            request.thinking,
            _reasoning_field(job),
        )
        await connection.json(200, answer)

    def _usage(self, job: Job, output: Output | None, generated: int | None = None) -> Usage:
        generated = job.generated if generated is None else generated
        return Usage(
            prompt_tokens=len(job.prompt.tokens),
            completion_tokens=generated,
            reasoning_tokens=output.reasoning_tokens(generated) if output else 0,
            cached_tokens=job.cached_tokens,
            image_tokens=job.prompt.image_tokens,
        )


def _tagged(failures: tuple[Failure, ...]) -> bool:
    return any(failure.kind is Kind.ANSWER_TAGS for failure in failures)


def _reasoning_field(job: Job) -> str:
    return "reasoning_content" if job.failure(Kind.OLD_FIELDS) else "reasoning"


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body = error_body(error.detail, HTTPStatus(error.status_code).phrase, error.status_code)
    return JSONResponse(body, status_code=error.status_code)


async def _wire_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WireError)
    body: dict[str, Any] = error.body()
    return JSONResponse(body, status_code=error.status)
