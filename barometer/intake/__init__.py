"""From a wave file to checked respondents and answers, or to the list of all its faults."""

from barometer.intake.check import SURVEY, SYNTHETIC, Limits, Wave, check
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.read import TextTable, read

__all__ = [
    "SURVEY",
    "SYNTHETIC",
    "Fault",
    "FaultyFile",
    "Limits",
    "TextTable",
    "Wave",
    "check",
    "read",
]
