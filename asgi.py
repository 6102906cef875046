"""The dashboard for production: uvicorn asgi:app, compressed, guarded, logged and watched."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from barometer.returning import Returning
from barometer.serving import Requests, SecurityHeaders


def ready(request: Request) -> Response:
    """200 with the publication that visitors see; 503 while there is none."""
    from barometer.ui import traffic

    publication = traffic.ready()
    if publication is None:
        return PlainTextResponse("nothing is published\n", 503)
    return PlainTextResponse(f"{publication}\n")


def metrics(request: Request) -> Response:
    """What the server does, for Prometheus; behind a proxy, let nobody else in."""
    from barometer.ui import traffic

    return PlainTextResponse(traffic.metrics(), media_type="text/plain; version=0.0.4")


app = st.App(
    "app.py",
    routes=[Route("/ready", ready), Route("/metrics", metrics)],
    middleware=[
        Middleware(Requests),
        Middleware(SecurityHeaders),
        Middleware(Returning),
        Middleware(GZipMiddleware, minimum_size=1024),
    ],
)
