"""What the statuses of criteria are called for a person who reads."""

from collections.abc import Mapping

from grader.model import Status

__all__ = ["STATUS_WORDS"]

STATUS_WORDS: Mapping[Status, str] = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.ERROR: "error",
    Status.TIMEOUT: "timed out",
    Status.SKIPPED: "not judged",
}
