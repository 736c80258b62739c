"""The page for the person who teaches a class: one HTML file that asks for nothing and runs nothing of others."""

from grader.report.page.html import render_html

__all__ = ["render_html"]
