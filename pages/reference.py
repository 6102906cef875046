"""Figures printed elsewhere: ours in the press and other surveys', never joined to our series."""

from barometer import ui

with ui.page("reference", ui.REFERENCE, offers=()) as screen:
    ui.reference(screen)
