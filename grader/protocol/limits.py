"""How much a reply may contain: the sandbox cuts longer texts and lists, and the grader refuses them."""

__all__ = [
    "ASSIGNMENTS",
    "CLAIM",
    "EDIT",
    "EDITS",
    "EDITS_SIZE",
    "EXCEPTION",
    "EXPRESSION",
    "KEPT",
    "LOSS_LINES",
    "NUMBERS",
    "OTHER_LINES",
    "OUTPUT",
    "PROBLEM",
    "SKIPPED",
    "TEXT",
    "TYPE_NAME",
]

OUTPUT = 64 * 1024
"""Characters, and in the sandbox bytes in UTF-8, of what a submission printed."""
TEXT = 200
"""Characters of a text that is not named here."""
EXCEPTION = 250
"""Characters of the text of an exception, before the addresses in it are masked, which makes it shorter."""
EXPRESSION = 80
"""Characters of a part of an expression, or of a name in it."""
TYPE_NAME = 60
"""Characters of the name of a type."""
CLAIM = 300
"""Characters of why a cell is not valid Python."""
PROBLEM = 1000
"""Characters of why a submission cannot be read, which may contain names of its files."""
SKIPPED = 100
"""Statements that were skipped, and cells that are not valid Python."""
KEPT = 24
"""Arrays that a layer keeps."""
LOSS_LINES = 400
"""Printed lines that look like a loss."""
OTHER_LINES = 40
"""Printed lines with a number that do not."""
ASSIGNMENTS = 64
"""Assignments to the parameters of test layers."""
NUMBERS = 4096
"""Numbers of an array that a submission returned."""
EDIT = 2000
"""Characters of the text that one edit of a submission replaces, and of the text that it puts there."""
EDITS = 10_000
"""Edits in one reply."""
EDITS_SIZE = 800_000
"""Characters of these edits as JSON."""
