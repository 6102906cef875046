"""How far CRM projects have come, and what they cover."""

from barometer import ui

with ui.page("crm") as screen:
    ui.lead(screen)
    ui.charts(screen)
