"""How far contacts are synchronised across channels, and who worries about it."""

from barometer import ui

with ui.page("synchro") as screen:
    ui.lead(screen)
    ui.charts(screen)
