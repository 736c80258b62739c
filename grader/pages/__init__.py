"""Write a page for each student into a folder, to be handed back: results in, files out.

Beside the pages lie an index and, if a class came from Moodle or Canvas, an archive that returns all pages with one
upload.
"""

from grader.pages.folder import PageFolder, page_name

__all__ = ["PageFolder", "page_name"]
