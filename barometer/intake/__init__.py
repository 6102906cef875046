"""From a file to checked respondents and answers, or to the list of all its faults."""

from barometer.intake.applying import apply, as_it_is, draft_of, is_wave_file
from barometer.intake.bounded import SUFFIXES, Reader, read_raw
from barometer.intake.check import SURVEY, SYNTHETIC, Limits, Wave, check
from barometer.intake.draft import Draft
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.mapping import Change, Column, Long, Mapping, MappingError
from barometer.intake.raw import SOURCE_ROW, RawTable
from barometer.intake.read import TextTable, read

__all__ = [
    "SOURCE_ROW",
    "SUFFIXES",
    "SURVEY",
    "SYNTHETIC",
    "Change",
    "Column",
    "Draft",
    "Fault",
    "FaultyFile",
    "Limits",
    "Long",
    "Mapping",
    "MappingError",
    "RawTable",
    "Reader",
    "TextTable",
    "Wave",
    "apply",
    "as_it_is",
    "check",
    "draft_of",
    "is_wave_file",
    "read",
    "read_raw",
]
