"""Streamlit and what it runs on write into the one log of a server, in its form."""

from __future__ import annotations

import logging

from streamlit import logger as streamlit_loggers

SERVER = "uvicorn.error"  # says when the server starts and stops; Streamlit keeps warnings only


def join(handlers: list[logging.Handler]) -> None:
    """Send what Streamlit's loggers say, now and later, to these handlers in place of its own.

    Streamlit gives each logger a handler of its own, uvicorn's too, that writes plain text.
    """

    def joined(logger: logging.Logger) -> None:
        logger.handlers[:] = handlers

    streamlit_loggers.setup_formatter = joined
    streamlit_loggers.update_formatter()
    logging.getLogger(SERVER).setLevel(logging.INFO)
    logging.captureWarnings(True)
