"""One group at a time: what sets it apart from all others, on one sheet."""

from barometer import ui

with ui.page("profile", ui.PROFILE, ui.PROFILE_OFFERS) as screen:
    ui.profile(screen)
