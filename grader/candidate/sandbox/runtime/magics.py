"""Replace what only IPython understands, line by line: magics, shell lines, questions, prompts.

It takes one pass over the text, in linear time, and keeps the numbers of the lines.
"""

from __future__ import annotations

import re

from grader.candidate.sandbox.runtime.parsing import NotPythonError, parsed

__all__ = ["MARK", "as_cell", "without_magics"]

MARK = "# set aside: "
"""The comment before the text of each line that was replaced."""
_SIGN = re.compile(
    r"^[ \t]*(?:[%!?]|>>>|In \[)|\?[ \t]*$|=[ \t]*[%!]|\A(?:[ \t]*\n)*[ \t]+\S",
    re.MULTILINE,
)
"""Found in every text that has something to replace, and in many others."""
_MAGIC = re.compile(
    r"(?P<indent>[ \t]*)(?:[%!?]|(?P<target>[^\W\d][\w.,* \t\[\]]*=)[ \t]*(?P<sign>[%!])(?=[ \t]*[^\s=]))"
)
"""The start of a logical line that is a magic or a shell line, or assigns the result of one."""
_WHOLE = re.compile(r"(?:[^\\\n]|\\.?)*+", re.DOTALL)
"""A line with its continuation lines."""
# The loop in triple quotes is not possessive: Python before 3.11.5 ignores a lookahead in it. It never backtracks.
_TOKEN = re.compile(
    r"""
    (?P<blank> [ \t\f]+ | \\\n | \#[^\n]* )
    | (?P<string> \"{3}(?:[^\\"]++|\\.?|(?!\"{3})")*(?:\"{3}|\Z) | '{3}(?:[^\\']++|\\.?|(?!'{3})')*(?:'{3}|\Z)
        | "(?:[^\\"\n]|\\.?)*+"? | '(?:[^\\'\n]|\\.?)*+'? )
    | (?P<open> [(\[{] ) | (?P<close> [)\]}] ) | (?P<newline> \n ) | (?P<question> \?{1,2} )
    | (?P<other> [^\s"'()\[\]{}\\?\#]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_CLASSIC = re.compile(r"(?:>>>|\.\.\.)(?: |$)")
_NUMBERED = re.compile(r"In \[\d+\]: |\s*\.{3,}: ?")


def as_cell(text: str) -> str:
    """Return a notebook's cell as Python; valid Python stays as it is."""
    if _is_plain(text):
        return text
    return _replaced("\n".join(_without_prompts(_without_indent(text.split("\n")))))


def without_magics(text: str) -> str:
    """Return a script without its magics and shell lines; valid Python stays as it is."""
    return text if _is_plain(text) else _replaced(text)


def _is_plain(text: str) -> bool:
    """Tell whether there is nothing to replace: no sign of it, or else the text is valid Python."""
    if _SIGN.search(text) is None:
        return True
    try:
        parsed(text, "")
    except NotPythonError:
        return False
    return True


def _without_indent(lines: list[str]) -> list[str]:
    """Remove the indent of the first line of code from all lines that begin with it."""
    first = next((line for line in lines if line.strip()), "")
    blanks = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(blanks) for line in lines]


def _without_prompts(lines: list[str]) -> list[str]:
    for prompt in (_CLASSIC, _NUMBERED):
        if any(prompt.match(line) for line in lines[:2]):
            return [prompt.sub("", line, count=1) if prompt.match(line) else line for line in lines]
    return lines


def _replaced(text: str) -> str:
    """Replace the logical lines that begin like magics, or end in a question mark."""
    pieces: list[str] = []
    kept = start = at = depth = 0
    is_new, asks = True, False
    while at < len(text):
        if is_new:
            start, is_new, asks = at, False, False
            if (magic := _MAGIC.match(text, at)) is not None:
                at = _end_of(text, at)
                pieces += [text[kept:start], _placeholder(text[start:at], magic["indent"], _value(magic))]
                kept = at
                continue
        token = _TOKEN.match(text, at)
        if token is None:
            break
        at, kind = token.end(), token.lastgroup
        depth = max(0, depth + (kind == "open") - (kind == "close"))
        if kind == "newline":
            is_new = depth == 0
        elif kind != "blank":
            asks = kind == "question" and depth == 0
        if asks and (is_new or at == len(text)):
            end = token.start() if is_new else at
            line = text[start:end]
            pieces += [text[kept:start], _placeholder(line, line[: len(line) - len(line.lstrip())], "pass")]
            kept = end
    return "".join([*pieces, text[kept:]])


def _end_of(text: str, at: int) -> int:
    whole = _WHOLE.match(text, at)
    return len(text) if whole is None else whole.end()


def _value(magic: re.Match[str]) -> str:
    """Return the replacement of a magic: the result of a shell line is an empty list."""
    if magic["target"] is None:
        return "pass"
    return f"{magic['target']} {'[]' if magic['sign'] == '!' else 'None'}"


def _placeholder(line: str, indent: str, value: str) -> str:
    first = line.partition("\n")[0].strip()
    return f"{indent}{value}  {MARK}{first}" + "\n" * line.count("\n")
