"""What ``grade`` does: it grades submissions here or on a cluster, writes the report, and says how it went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.candidate.isolation import Isolation
from grader.cli import output
from grader.cli.grade import GradeOptions
from grader.cli.progress import ShownProgress
from grader.cli.streams import write_out
from grader.errors import KitError, UsageError
from grader.grading.cache import Cache
from grader.grading.local import grade_locally
from grader.model import Feedback, Report, SubmissionResult
from grader.nbgrader.course_cache import cache_for
from grader.report.formats import FORMATS, Options
from grader.settings import Settings
from grader.version import hypothesis_version, kit_version

if TYPE_CHECKING:
    from grader.candidate.launcher import ForkingParent
    from grader.pages import PageFolder

__all__ = ["exit_code", "grade"]

_UNDER, _UNGRADED = 1, 3
_FEW = 3
"""Names in one message."""


def grade(options: GradeOptions, parent: ForkingParent | None = None) -> int:
    """Grade what ``options`` name, write the report to standard output, and return the exit code.

    The options have been checked. A few submissions are graded with ``parent``, if the caller has started one.

    Raises ``UsageError`` if the rubric is wrong. Ctrl-C raises ``KeyboardInterrupt`` with how far it went.
    """
    if not options.needs_results:
        write_out(FORMATS[options.format_].render(Report("", 0, 0.0), Options()), encoding="utf-8")
        return 0
    settings = _settings(options)
    progress = ShownProgress(is_quiet=options.quiet)
    options = _with_results_of_a_course(options, progress)
    empty = _empty_report(settings, options.language)
    form = output.options_for(
        options.format_, options.template, options.column, empty, anonymous=options.anonymous
    )
    cache = None if options.out is None else Cache(options.out, reuses=not options.regrade)
    pages = None if options.pages is None else _page_folder(options.pages, empty, settings)
    with nullcontext() if cache is None else cache.locked(), _how_far_if_it_fails(progress, options):
        results = _results(options, settings, progress, cache, parent)
        if pages is not None:
            results = pages.written(results)
        results = progress.around(results)
        report = output.write(options.format_, results, empty, form)
    if options.pages is not None:
        progress.say(f"the students' pages are in {options.pages}; its index.html has them all")
    if cache is not None:
        _say_what_is_new(progress, cache, report, options.out)
    return exit_code(report, options.fail_under)


def exit_code(report: Report, fail_under: float | None) -> int:
    """Return 0, 1 if a score is under ``fail_under``, or 3 if there is one without a score."""
    scores = [result.score for result in report.submissions]
    if None in scores:
        return _UNGRADED
    return _UNDER if any(score < (fail_under or 0) for score in scores if score is not None) else 0


def _results(
    options: GradeOptions,
    settings: Settings,
    progress: ShownProgress,
    cache: Cache | None,
    parent: ForkingParent | None,
) -> Iterator[SubmissionResult]:
    if options.scheduler is None:
        return grade_locally(options.paths, settings, options.jobs, progress, cache, options.roster, parent)
    from grader.grading.cluster import grade_on_cluster  # noqa: PLC0415 - Dask is an extra, and slow to import

    return grade_on_cluster(options.paths, settings, options.scheduler, progress, cache, options.roster)


def _page_folder(path: Path, empty: Report, settings: Settings) -> PageFolder:
    from grader.pages import PageFolder  # noqa: PLC0415 - imports jinja2

    folder = PageFolder(path, empty, settings.feedback)
    folder.prepare()
    return folder


def _settings(options: GradeOptions) -> Settings:
    settings = options.exam.settings()
    most = settings.rubric.max_score
    if options.fail_under is not None and options.fail_under > most:
        raise UsageError(f"--fail-under {options.fail_under:g} is more than the maximum score, {most:g}")
    return replace(
        settings,
        isolation=Isolation(options.isolation),
        feedback=Feedback(options.feedback),
        show_repair=options.show_repair,
        pictures=options.pages is not None or options.format_ == "html",
        # The page of a class shows none.
        pictures_of_classes=options.pages is not None,
    )


def _with_results_of_a_course(options: GradeOptions, progress: ShownProgress) -> GradeOptions:
    """Save the results of an nbgrader course in its folder, unless another one was named."""
    if options.out is not None or (out := cache_for(options.paths)) is None:
        return options
    progress.say(f"results are saved in {out}, where nbgrader autograde finds them")
    # What lies there is not trusted: a student may have handed in the whole course.
    return replace(options, out=out, regrade=True)


def _empty_report(settings: Settings, language: str) -> Report:
    kit = kit_version()
    # The examples of the default seed are stored, and do not depend on what draws them.
    if settings.seed != Settings.seed:
        kit = f"{kit} (hypothesis {hypothesis_version()})"
    return Report(
        kit, settings.seed, settings.rubric.max_score, feedback=settings.feedback, language=language
    )


@contextmanager
def _how_far_if_it_fails(progress: ShownProgress, options: GradeOptions) -> Iterator[None]:
    """Remove the progress bar at the end; if an error stops grading, add how far it went."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        interruption.args = (f"interrupted; {_how_far(progress, options)}",)
        raise
    except KitError as error:
        if options.out is not None and progress.scored:
            error.args = (f"{error}; {_how_far(progress, options)}",)
        raise
    finally:
        progress.close()


def _how_far(progress: ShownProgress, options: GradeOptions) -> str:
    if not progress.count:
        return "nothing was graded"
    if options.out is None or not progress.scored:
        return f"{progress.done} of {progress.count} submissions are done"
    rest = "" if options.regrade else "; the same command does the rest"
    return f"{progress.scored} of {progress.count} submissions are done and saved in {options.out}{rest}"


def _say_what_is_new(progress: ShownProgress, cache: Cache, report: Report, out: Path | None) -> None:
    cached, new = progress.cached, progress.done - progress.cached
    progress.say(f"{cached} of {progress.count} results are from an earlier run, {new} are new")
    for before, after in cache.replaced[:_FEW]:
        progress.say(f"{after.id} in {out} was the result of {before.path}, and is now that of {after.path}")
    if len(cache.replaced) > _FEW:
        progress.say(f"and so on, for {len(cache.replaced) - _FEW} more")
    if others := cache.others([result.id for result in report.submissions]):
        progress.say(f"{out} also has results of submissions that are not here: {_some(others)}")


def _some(names: Sequence[str]) -> str:
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")
