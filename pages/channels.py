"""Which channels are used, by whom, and since when."""

from barometer import ui

with ui.page("channels") as screen:
    ui.lead(screen)
    ui.charts(screen)
