"""One browser tab without a browser: Streamlit's WebSocket, its uploads, and the app's own routes.

In: an app's address. Out: the elements of each run, and what the event streams say. Speaks the wire as Streamlit's own page
does (streamlit.proto), so that a load of many tabs costs the machine nothing but the app itself. Draws nothing.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

RUN_WITHIN_S = 120.0
ANSWER_WITHIN_S = 300.0


class TabError(AssertionError):
    """What a user would call broken: an error page, a lost answer, a run that never ends."""


@dataclass(slots=True)
class Run:
    """What one run of the script put on the page."""

    elements: list[Element] = field(default_factory=list)

    def of(self, kind: str) -> list:
        return [getattr(element, kind) for element in self.elements if element.WhichOneof("type") == kind]

    def element(self, kind: str, name: str):
        """The widget whose key or label is `name`."""
        for one in self.of(kind):
            if getattr(one, "label", "") == name or f"-{name}" in one.id[-len(name) - 1 :]:
                return one
        raise TabError(f"No {kind} '{name}' on the page; there are {[one.id for one in self.of(kind)]}.")

    @property
    def alerts(self) -> list[str]:
        return [alert.body for alert in self.of("alert")]

    @property
    def turns(self) -> list[dict]:
        """The questions and answers on the page as its component was given them, oldest first."""
        given = [json.loads(one.json) for one in self.of("bidi_component") if one.WhichOneof("data") == "json"]
        return [one["turn"] for one in given if "turn" in one]


class Tab:
    """A tab that was opened, and loaded once. Not thread-safe: a worker has its own."""

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        """`page`: the last part of its address, as in "servers"; empty: the app's first page."""
        self._page, self._query = page, query
        self._open = ExitStack()
        self._http = self._open.enter_context(httpx.Client(base_url=url, timeout=60, trust_env=False))
        address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
        self._socket = self._open.enter_context(
            connect(address, subprotocols=["streamlit"], max_size=None, proxy=None, compression=None)
        )
        self._kept: dict[str, ForwardMsg] = {}
        self._lasting: dict[str, WidgetState] = {}
        self._session = ""
        self.page = Run()
        self.rerun()

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._open.close()

    def go(self, page: str) -> Run:
        """To another page of the app, in the same session."""
        self._page = page
        return self.rerun()

    def rerun(self, *states: WidgetState) -> Run:
        """Send the widgets as they are, with `states` on top, and read until the run and those it asks for are over."""
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.page_name = self._query, self._page
        for state in [*self._lasting.values(), *states]:
            message.rerun_script.widget_states.widgets.append(state)
        self._socket.send(message.SerializeToString())
        return self._read_run()

    def click(self, label: str) -> Run:
        return self.rerun(WidgetState(id=self.page.element("button", label).id, trigger_value=True))

    def choose(self, kind: str, name: str, text: str) -> None:
        """Set a widget's value; it goes out with the next run, and stays."""
        identity = self.page.element(kind, name).id
        self._lasting[identity] = WidgetState(id=identity, string_value=text)

    def upload(self, name: str, data: bytes) -> Run:
        """Give a file to the page's uploader, as dropping it there does."""
        uploader = self.page.of("file_uploader")[0]
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self._session
        self._socket.send(message.SerializeToString())
        while (answer := self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        urls = answer.file_urls_response.file_urls[0]
        self._http.put(urls.upload_url, files={"file": (name, data)}, headers=self._xsrf()).raise_for_status()
        state = WidgetState(id=uploader.id)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(data), urls.file_id
        info.file_urls.CopyFrom(urls)
        self._lasting[uploader.id] = state
        return self.rerun()

    def ask(self, question: str) -> dict:
        """Ask both sides and follow their stream to its end; the last state that it told."""
        known = {turn["id"] for turn in self.page.turns}
        chat = self.page.of("chat_input")
        if not chat:
            raise TabError("There is no chat box on the page.")
        state = WidgetState(id=chat[0].id)
        state.chat_input_value.data = question
        run = self.rerun(state)
        new = [turn["id"] for turn in run.turns if turn["id"] not in known]
        if len(new) != 1:
            raise TabError(f"{len(new)} answers began to {question!r}; the page says {run.alerts}.")
        told = self.follow(f"/glyph/stream/{new[0]}")
        self.rerun()
        return told

    def follow(self, stream: str) -> dict:
        """An event stream to its end, as the page's component reads it."""
        last: dict = {}
        deadline = time.monotonic() + ANSWER_WITHIN_S
        try:
            return self._followed(stream, last, deadline)
        except httpx.TransportError as error:
            raise TabError(f"{type(error).__name__} on {stream} after {last}") from error

    def _followed(self, stream: str, last: dict, deadline: float) -> dict:
        with self._http.stream("GET", stream, timeout=60) as answer:
            event = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: ") and event == "state":
                    last.clear()
                    last.update(json.loads(line.removeprefix("data: ")))
                if event == "over":
                    return last
                if event == "gone" or time.monotonic() > deadline:
                    break
        raise TabError(f"The answer was lost: {stream} ended with '{event}'.")

    def page_png(self, path: str) -> bytes:
        answer = self._http.get(path)
        answer.raise_for_status()
        return answer.content

    def _xsrf(self) -> dict[str, str]:
        self._http.get("/_stcore/health")
        token = self._http.cookies.get("_streamlit_xsrf")
        return {"X-Xsrftoken": token} if token else {}

    def _read_run(self) -> Run:
        """Until a run ends that was not cut short to be run again."""
        self.page = Run()
        while True:
            message = self._receive()
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._session = message.new_session.initialize.session_id or self._session
                self.page = Run()
            elif kind == "delta" and message.delta.HasField("new_element"):
                self.page.elements.append(message.delta.new_element)
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                self._look_for_errors()
                return self.page

    def _look_for_errors(self) -> None:
        for exception in self.page.of("exception"):
            raise TabError(f"An error page: {exception.type} {exception.message}")

    def _receive(self) -> ForwardMsg:
        try:
            data = self._socket.recv(timeout=RUN_WITHIN_S)
        except TimeoutError:
            raise TabError(f"The page said nothing for {RUN_WITHIN_S:.0f} s.") from None
        except ConnectionClosed as error:
            raise TabError(f"The connection ended: {error}.") from None
        message = ForwardMsg()
        message.ParseFromString(data)
        if message.WhichOneof("type") == "ref_hash":  # Streamlit sends a large message once, then only its name
            kept = ForwardMsg()
            kept.CopyFrom(self._kept[message.ref_hash])
            kept.metadata.CopyFrom(message.metadata)
            return kept
        if message.metadata.cacheable and message.hash:
            self._kept[message.hash] = message
        return message
