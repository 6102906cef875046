"""From a survey tool's export to a published wave: for who owns the survey."""

from barometer import ui

with ui.page("import", role="owner", offers=()) as screen:
    ui.importing(screen)
