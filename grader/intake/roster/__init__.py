"""A class's roster: who is in it, who handed in nothing, and who handed in without being in it."""

from grader.intake.roster.csv_file import Student
from grader.intake.roster.matching import Roster

__all__ = ["Roster", "Student"]
