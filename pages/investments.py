"""What companies plan to invest in, when, and what came of earlier plans."""

from barometer import ui

with ui.page("investments") as screen:
    ui.lead(screen)
    ui.charts(screen)
