"""What the columns of a roster are called, by who exports it. Capitals, and blanks at the ends, do not count."""

from __future__ import annotations

__all__ = ["ID_COLUMNS", "NAME_COLUMNS", "NOT_STUDENTS"]

ID_COLUMNS = (
    "id",  # your own list; also Canvas's number, which is in the names of its downloads
    "SIS Login ID",  # Canvas
    "SIS User ID",
    "Username",  # Moodle, Blackboard
    "Identifier",  # Moodle's grading worksheet, GitHub Classroom's roster
    "Email address",  # Moodle
    "Email",  # Gradescope
    "ID number",  # Moodle
    "SID",  # Gradescope
    "student_id",
    "Student ID",
    "login",
    "github_username",  # GitHub Classroom
)
"""Columns that say who a student is, first choice first.

The first that a roster has gives the id of students who handed in nothing. Any of them can match a submission.
"""
NAME_COLUMNS = (
    ("Student",),  # Canvas: "Liddell, Alice"
    ("Full name",),  # Moodle's grading worksheet
    ("Name",),  # Gradescope
    ("First name", "Surname"),
    ("First name", "Last name"),
)
"""Columns that make up a name. Only letters and digits count, since platforms leave out the rest in names of files."""
NOT_STUDENTS = ("Points Possible", "Student, Test")
"""What a row that is not a student's holds, as Canvas's second row and its last."""
