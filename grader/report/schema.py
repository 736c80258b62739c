"""The JSON Schema of the document that ``--format json`` writes."""

from __future__ import annotations

from pathlib import Path

__all__ = ["render_schema"]


def render_schema() -> str:
    """Return the schema, in draft 2020-12 of JSON Schema, as it is kept in schema.json."""
    return (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
