"""Where the figures come from: waves, questions, formulas, trend breaks."""

from barometer import ui

with ui.page("method") as screen:
    ui.method(screen)
