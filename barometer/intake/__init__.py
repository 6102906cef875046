"""From a wave file to checked respondents and answers, or to the list of all its faults."""

from barometer.intake.check import Limits, Wave, check
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.read import read

__all__ = ["Fault", "FaultyFile", "Limits", "Wave", "check", "read"]
