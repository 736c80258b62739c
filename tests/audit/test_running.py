"""The parts of an audit are made in one process or in several, with the same results."""

from __future__ import annotations

from functools import partial

import pytest

from grader.audit.running import Runner


@pytest.mark.parametrize("jobs", [1, 2])
def test_parts_that_are_started_together_give_their_results_in_order(jobs: int) -> None:
    told: list[tuple[int, int]] = []
    with Runner(jobs, lambda done, known: told.append((done, known))) as runner:
        powers = runner.start([partial(pow, 2, exponent) for exponent in range(5)])
        absolutes = runner.start([partial(abs, -3)])
        assert (absolutes(), powers()) == ([3], [1, 2, 4, 8, 16])
    assert [done for done, _ in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1] == (6, 6)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_part_that_fails_ends_the_audit_and_is_not_counted_as_done(jobs: int) -> None:
    told: list[int] = []
    with (
        pytest.raises(ZeroDivisionError),
        Runner(jobs, lambda done, _known: told.append(done)) as runner,
    ):
        runner.start([partial(divmod, 1, 0)])()
    assert told == []
