"""What each channel is used for, and how far channels have become generalists."""

from barometer import ui

with ui.page("activities") as screen:
    ui.lead(screen)
    ui.charts(screen)
