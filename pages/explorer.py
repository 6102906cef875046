"""Any indicator by any breakdown, under any filter: the analyst's own table."""

from barometer import ui

with ui.page("explorer", ui.EXPLORER) as screen:
    ui.explorer(screen)
