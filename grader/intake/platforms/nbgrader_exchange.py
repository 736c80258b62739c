"""The names in the inbound folder of nbgrader's exchange."""

from grader.intake.platforms.upload_names import UploadNames

__all__ = ["NAMES"]

# nbgrader/exchange/default/submit.py
NAMES = UploadNames(
    r"(?P<name>[^+]+)\+(?P<assignment>[^+]+)\+(?P<turn>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*)(?:\+.*)?"
)
