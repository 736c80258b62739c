"""The page that a student gets back: one result in, one HTML file out that asks for nothing and runs nothing."""

from grader.report.student.page import render_student

__all__ = ["render_student"]
