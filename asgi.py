"""The dashboard for production: uvicorn asgi:app, compressed, guarded, logged and watched."""

import gc
import logging
import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from barometer.returning import Returning
from barometer.serving import Refusal, Requests, SecurityHeaders, Uploads, known_hosts

# With 200 sessions a quarter of all time went into looking for garbage every 700 new objects.
COLLECTIONS = (10_000, 20, 20)


def ready(request: Request) -> Response:
    """200 with the publication that visitors see, or none yet; 503 while no page can be shown."""
    from barometer.ui import traffic

    publication = traffic.ready()
    if publication is None:
        return PlainTextResponse("the barometer cannot be opened: the log says why\n", 503)
    return PlainTextResponse(f"{publication or 'nothing is published yet'}\n")


def metrics(request: Request) -> Response:
    """What the server does, for Prometheus; behind a proxy, let nobody else in."""
    from barometer.ui import traffic

    return PlainTextResponse(traffic.metrics(), media_type="text/plain; version=0.0.4")


def refusal(session: str, sizes: Sequence[int | None]) -> Refusal | None:
    """Why a session may not send the last of some files, None where it may."""
    from barometer.ui import uploads

    return uploads.refusal(session, sizes)


@asynccontextmanager
async def lifespan(served: st.App) -> AsyncIterator[None]:
    """Have all in memory before the first visitor comes, and prepare decisions until the end."""
    from barometer.ui import logs, offline, warming

    offline.stay()
    if handlers := logging.getLogger("barometer").handlers:  # as `python -m barometer serve` has
        logs.join(handlers)
    gc.collect()
    gc.freeze()  # what is imported stays: no collection needs to look at it again
    gc.set_threshold(*COLLECTIONS)
    stop = threading.Event()
    if warming.wanted():
        warming.start(stop)
    try:
        yield
    finally:
        stop.set()


app = st.App(
    "app.py",
    lifespan=lifespan,
    routes=[Route("/ready", ready), Route("/metrics", metrics)],
    middleware=[
        Middleware(Requests),
        Middleware(SecurityHeaders),
        *known_hosts(os.environ.get("BAROMETER_HOSTS", "")),
        Middleware(Returning),
        Middleware(Uploads, refusal=refusal),
        Middleware(GZipMiddleware, minimum_size=1024),
    ],
)
