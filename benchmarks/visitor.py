"""A visitor without a browser: Streamlit's WebSocket and its protobufs."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.MultiSelect_pb2 import MultiSelect
from streamlit.runtime.state.common import user_key_from_element_id
from websockets.asyncio.client import ClientConnection, connect

TIMEOUT = 60.0  # seconds
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_EARLY_FOR_RERUN)


class Visitor:
    """One session, which sends the state of every list of options as a browser does.

    `options` has the words of each list by the key of its widget; `errors` collects exceptions and
    error boxes; `received` counts bytes; `query` is what the address bar holds. A proxy is sent the
    `cookie`.
    """

    def __init__(self, port: int, page: str = "", query: str = "", cookie: str = "") -> None:
        self._port = port
        self._cookie = cookie
        self._page = page
        self.query = query
        self._script_hash = ""
        self._ids: dict[str, str] = {}
        self._chosen: dict[str, list[str]] = {}
        self.options: dict[str, list[str]] = {}
        self.errors: list[str] = []
        self.received = 0

    async def __aenter__(self) -> Self:
        self._socket: ClientConnection = await connect(
            f"ws://127.0.0.1:{self._port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=f"http://127.0.0.1:{self._port}",  # type: ignore[arg-type]
            additional_headers={"Cookie": self._cookie} if self._cookie else None,
            max_size=None,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._socket.close()

    def choose(self, key: str, values: list[str]) -> None:
        """Set the pills or the list of a key, by the words that it shows; `rerun` sends it."""
        if key not in self._ids:
            raise KeyError(f"there is no widget {key}; there are {', '.join(self._ids)}")
        self._chosen[self._ids[key]] = values

    async def rerun(self) -> float:
        """Send the view and return the seconds until the script has finished."""
        start = time.perf_counter()
        await self._socket.send(self._request().SerializeToString())
        async with asyncio.timeout(TIMEOUT):
            while True:
                raw = await self._socket.recv()
                self.received += len(raw)
                message = ForwardMsg()
                message.ParseFromString(raw)
                if message.WhichOneof("type") != "script_finished":
                    self._take(message)
                elif message.script_finished in ENDED:
                    return time.perf_counter() - start
                elif message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("the page does not compile")

    def _request(self) -> BackMsg:
        request = BackMsg()
        state = request.rerun_script
        state.query_string = self.query
        state.context_info.locale = "fr-FR"
        state.context_info.timezone = "Europe/Paris"
        state.context_info.url = f"http://127.0.0.1:{self._port}/{self._page}"
        if self._script_hash:
            state.page_script_hash = self._script_hash
        else:
            state.page_name = self._page
        for identifier, values in self._chosen.items():
            widget = state.widget_states.widgets.add()
            widget.id = identifier
            widget.string_array_value.data.extend(values)
        return request

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._script_hash = message.new_session.page_script_hash
        elif kind == "navigation":  # the page that the application chose, by its hash
            self._script_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = urlsplit(f"?{message.page_info_changed.query_string}").query
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._see(message.delta.new_element)

    def _see(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self.errors.append(element.alert.body)
        elif kind == "button_group":
            self._offered(element.button_group, [o.content for o in element.button_group.options])
        elif kind == "multiselect":
            self._offered(element.multiselect, list(element.multiselect.options))

    def _offered(self, widget: ButtonGroup | MultiSelect, options: list[str]) -> None:
        """Note a list of options, and what the page says is chosen of it."""
        if key := user_key_from_element_id(widget.id):
            self._ids[key] = widget.id
            self.options[key] = options
        if widget.set_value:
            self._chosen[widget.id] = list(widget.raw_values)
        else:
            self._chosen.setdefault(widget.id, [options[i] for i in widget.default])
