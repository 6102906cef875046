"""The charts that a presenter chose, in order, and the files made of them."""

from barometer import ui

with ui.page("presentation", ui.PRESENTATION, ui.PRESENTATION_OFFERS) as screen:
    ui.presentation(screen)
