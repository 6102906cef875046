"""The year in one minute: key figures, findings, three charts, and what the press said."""

from barometer import ui

with ui.page("overview", ui.CHOSEN) as screen:
    ui.lead(screen)
    ui.key_figures(screen)
    ui.sentences(screen)
    ui.charts(screen)
    ui.press(screen)
