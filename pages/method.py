"""Where the figures come from: waves, questions, formulas, trend breaks."""

from barometer import ui

with ui.page("method", offers=()) as screen:
    ui.method(screen)
