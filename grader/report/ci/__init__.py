"""Results for CI servers: results in, JUnit XML or what GitHub's runners read out."""
