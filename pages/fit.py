"""Which channels fit which customers, on three criteria, and whether they are used."""

from barometer import ui

with ui.page("fit") as screen:
    ui.lead(screen)
    ui.verdicts(screen)
    ui.charts(screen)
