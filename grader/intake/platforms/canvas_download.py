"""The names in Canvas's "Download Submissions"."""

from grader.intake.platforms.upload_names import UploadNames

__all__ = ["NAMES"]

# lib/content_zipper.rb, get_filename and add_upload_submission. Canvas leaves no _12_ in the names of people, so the
# first numbers are its own. Everybody has a name, unless names are hidden.
_STUDENT = (
    r"(?:(?P<name>(?!LATE_|anon_)(?:(?!_\d+_)\w)+?)?_)?(?:LATE_)?(?P<number>(?<=_)\d+|anon_[0-9A-Za-z]+)"
)
NAMES = UploadNames(
    # A file that is uploaded again gets -1, -2, … after its name, and always a higher number of its own.
    _STUDENT + r"_(?P<turn>\d{2,})_(?P<file>.+?)(?:-\d+)?(?P<ending>(?:\.tar)?\.\w+)?",
    # A text that was typed in, or a link.
    _STUDENT + r"_(?:text|link)\.html",
)
