"""The names in Moodle's "Download all submissions", with a folder for each student or without."""

from grader.intake.platforms.upload_names import UploadNames

__all__ = ["NAMES"]

# mod/assign/locallib.php, download_submissions. A _ in a student's name has become a blank there.
NAMES = UploadNames(r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?")
