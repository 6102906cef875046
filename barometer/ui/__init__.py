"""The only user of Streamlit: opens pages, keeps the view in the address bar, shows charts."""

from barometer.ui.cards import CHOSEN, chart, charts, key_figures, lead, press, sentences
from barometer.ui.explorer import CONTROLS as EXPLORER
from barometer.ui.explorer import explorer
from barometer.ui.importing import importing
from barometer.ui.method import method
from barometer.ui.opening import Screen, page
from barometer.ui.presentation import CONTROLS as PRESENTATION
from barometer.ui.presentation import OFFERS as PRESENTATION_OFFERS
from barometer.ui.presentation import presentation
from barometer.ui.profile import OFFERS as PROFILE_OFFERS
from barometer.ui.profile import PROFILE, profile
from barometer.ui.reference import REFERENCE, reference
from barometer.ui.refresh import refresh
from barometer.ui.traffic import run
from barometer.ui.verdicts import verdicts

__all__ = [
    "CHOSEN",
    "EXPLORER",
    "PRESENTATION",
    "PRESENTATION_OFFERS",
    "PROFILE",
    "PROFILE_OFFERS",
    "REFERENCE",
    "Screen",
    "chart",
    "charts",
    "explorer",
    "importing",
    "key_figures",
    "lead",
    "method",
    "page",
    "presentation",
    "press",
    "profile",
    "reference",
    "refresh",
    "run",
    "sentences",
    "verdicts",
]
