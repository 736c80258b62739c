"""The page about a class: results in, one HTML file out that asks for nothing and runs nothing of others."""

from grader.report.page.html import STYLE, render_html

__all__ = ["STYLE", "render_html"]
