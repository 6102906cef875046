"""A server that asks nothing of the network while it serves."""

from __future__ import annotations

from streamlit import net_util


def stay() -> None:
    """Let Streamlit refuse pages of other sites without asking Amazon what our address is.

    It would ask at each such page, for up to two seconds in which nobody is served. An address that
    a proxy does not pass on as Host is allowed by browser.serverAddress of .streamlit/config.toml.
    """
    net_util.get_external_ip = lambda: None
