"""Commands that do their work, and import what it needs, once click has read the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import click

__all__ = ["LateCommand", "LazyGroup"]


class LateCommand(click.Command):
    """A command whose invocation returns its work, as a function that returns the exit code.

    Whoever calls the function is outside of click, which would take an ``EOFError`` or ``OSError`` of ours for its own.
    """

    def invoke(self, ctx: click.Context) -> Callable[[], int]:
        """Return the work."""
        return partial(super().invoke, ctx)


class LazyGroup(click.Group):
    """A group of commands, each of which is the ``command`` of a module that is imported when it is run."""

    def __init__(self, *, modules: Mapping[str, tuple[str, str]], **about: Any) -> None:
        super().__init__(**about)
        self._modules = modules
        """The module and the summary of each command, by its name; one without a summary is not listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in self._modules:
            return None
        command: click.Command = import_module(self._modules[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in self._modules.items() if about])
