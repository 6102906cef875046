"""A page whose server is gone and that another one, or a new start of it, goes on serving."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import is_element_id, user_key_from_element_id


def chosen() -> set[str]:
    """Keys of the widgets whose values came with this run: all of the page, in a new session.

    A browser that reconnects keeps its page and is silent until the next click, which then comes
    with the widgets as they are and an address that is still the one before.
    """
    context = get_script_run_ctx()
    if context is None:
        return set()
    states = context.session_state._state._new_widget_state.states
    keys = (user_key_from_element_id(one) for one in states if is_element_id(one))
    return {key for key in keys if key is not None}
