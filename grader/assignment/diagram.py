"""Draw the forward and the backward pass, through a network and through one layer, with the shape of every array.

The steps of the way back have the numbers of the sheet's derivation, not its formulas: students derive these.

The picture is SVG with a background of its own, so it can be read on any page; in dark mode it is dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

__all__ = ["diagram"]

_WIDTH, _HEIGHT = 1000, 715
_STYLE = """
  .page { fill: #ffffff; stroke: #d0d7de }
  .box { fill: #f6f8fa; stroke: #57606a; stroke-width: 1.5 }
  .forward { stroke: #0550ae; fill: none; stroke-width: 2 }
  .backward { stroke: #b3261e; fill: none; stroke-width: 2 }
  .kept { stroke: #57606a; fill: none; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .head-forward, text.is-forward { fill: #0550ae }
  .head-backward, text.is-backward { fill: #b3261e }
  .head-kept, text.is-kept { fill: #57606a }
  text { fill: #1f2328; font: 15px "DejaVu Sans", Verdana, sans-serif; text-anchor: middle }
  .heading { font-size: 18px; font-weight: bold; text-anchor: start }
  .code { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 14px }
  .shape { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12.5px }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d }
    .box { fill: #151b23; stroke: #9198a1 }
    .forward { stroke: #79b8ff }
    .backward { stroke: #ff9b8e }
    .kept { stroke: #9198a1 }
    .head-forward, text.is-forward { fill: #79b8ff }
    .head-backward, text.is-backward { fill: #ff9b8e }
    .head-kept, text.is-kept { fill: #9198a1 }
    text { fill: #f0f6fc }
  }
"""
_SIZES = (2, 6, 6, 1)
"""The inputs of the network of the training code, and the neurons of its layers."""
_ACTIVATIONS = ("ReLU", "ReLU", "sigmoid")


@dataclass(frozen=True)
class _Box:
    """A box around lines of text; its place is that of its centre."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[str, str], ...]
    """The class and the text of each line."""

    def __str__(self) -> str:
        left, top = self.x - self.width / 2, self.y - self.height / 2
        size = f'width="{self.width:g}" height="{self.height:g}"'
        rectangle = f'<rect class="box" x="{left:g}" y="{top:g}" {size} rx="8"/>'
        first = self.y + 5 - 10 * (len(self.lines) - 1)
        texts = (_text(self.x, first + 20 * n, text, kind) for n, (kind, text) in enumerate(self.lines))
        return rectangle + "".join(texts)


def diagram(words: Mapping[str, str]) -> bytes:
    """Return the picture as SVG, with ``words`` in the language of the reader."""
    parts = [*_network(words), *_layer(words)]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
            f'height="{_HEIGHT}" role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(words["title"])}</title>',
            f'<desc id="description">{escape(words["description"])}</desc>',
            f"<style>{_STYLE}</style>",
            "<defs>",
            *map(_head, ("forward", "backward", "kept")),
            "</defs>",
            f'<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="10"/>',
            *parts,
            "</svg>\n",
        )
    ).encode()


def _network(words: Mapping[str, str]) -> Iterator[str]:
    """Yield the network of the training code: layers, and what goes to and fro between them."""
    yield _text(30, 40, words["network"], "heading")
    yield from _legend(words)
    middle, forward, backward = 145, 125, 172
    centres = [250 + 230 * number for number in range(3)]
    for number, (x, activation) in enumerate(zip(centres, _ACTIVATIONS, strict=True)):
        before, after = _SIZES[number], _SIZES[number + 1]
        kind = words["output"] if after == 1 else words["hidden"]
        lines = (
            ("", f"{kind} {number + 1}" if after > 1 else kind),
            ("", activation),
            ("shape", f"W ({after}, {before})"),
            ("shape", f"b ({after}, 1)"),
        )
        yield str(_Box(x, middle, 140, 110, lines))
    about_loss = (("", f"{words['loss']} L"), ("", words["label"]), ("is-backward", f"{words['step']} 6"))
    yield str(_Box(920, middle, 110, 110, about_loss))
    gaps = [(104, 176), *((x + 74, x + 156) for x in centres[:2]), (centres[2] + 74, 861)]
    for number, (left, right) in enumerate(gaps):
        place, shape = (left + right) / 2, f"({_SIZES[number]}, 1)"
        name = ("x", "a1", "a2", "ŷ")[number]
        gradient = ("da0", "da1", "da2", "da")[number]
        yield _arrow("forward", (left, forward), (right, forward))
        yield _text(place, forward - 26, name, "code is-forward") + _text(
            place, forward - 9, shape, "shape is-forward"
        )
        yield _arrow("backward", (right, backward), (left, backward))
        yield _text(place, backward + 20, gradient, "code is-backward")
        yield _text(place, backward + 37, shape, "shape is-backward")
    yield _text(55, 150, words["example"], "")


def _legend(words: Mapping[str, str]) -> Iterator[str]:
    for kind, x in (("forward", 560), ("backward", 800)):
        ends = ((x - 60, 35), (x - 15, 35))
        yield _arrow(kind, *(ends if kind == "forward" else ends[::-1]))
        yield _text(x - 5, 40, words[kind], f"start is-{kind}", anchor="start")


def _layer(words: Mapping[str, str]) -> Iterator[str]:
    """Yield one layer: what forward computes, and what backward needs and returns."""
    column, inputs, matrix = "(n_neurons, 1)", "(n_inputs, 1)", "(n_neurons, n_inputs)"
    forward, backward, parameters, gradients, update = 330, 460, 560, 630, 690
    yield _text(30, 270, words["layer"], "heading")
    yield _value(85, forward, "a_prev", inputs, "forward")
    yield str(_Box(310, forward, 170, 60, (("code", "z = W·a_prev + b"),)))
    yield _value(510, forward, "z", column, "forward")
    yield str(_Box(690, forward, 120, 60, (("code", "a = f(z)"),)))
    yield _value(905, forward, "a", column, "forward")
    for left, right in ((150, 222), (397, 448), (572, 627), (752, 843)):
        yield _arrow("forward", (left, forward), (right, forward))
    yield _text(310, forward - 58, f"W {matrix}", "shape") + _text(310, forward - 42, f"b {column}", "shape")

    yield _value(905, backward, "da", column, "backward")
    yield str(_Box(690, backward, 120, 60, (("is-backward", f"{words['step']} 2"),)))
    yield _value(510, backward, "dz", column, "backward")
    yield str(_Box(310, backward, 170, 60, (("is-backward", f"{words['step']} 5"),)))
    yield _value(85, backward, "da_prev", inputs, "backward")
    for right, left in ((843, 753), (627, 572), (448, 398), (222, 150)):
        yield _arrow("backward", (right, backward), (left, backward))

    yield _arrow("kept", (530, forward + 24), (640, backward - 33))
    yield _text(620, 395, words["kept"], "is-kept", anchor="start")
    yield _path("kept", f"M85 {forward + 24} V{forward + 65} H190 V{parameters} H218")
    yield str(_Box(340, parameters, 240, 60, (("is-backward", f"{words['step']} 3"),)))
    yield str(_Box(690, parameters, 200, 60, (("is-backward", f"{words['step']} 4"),)))
    yield _arrow("backward", (500, backward + 24), (440, parameters - 33))
    yield _arrow("backward", (530, backward + 24), (606, parameters - 33))
    for x, parameter, gradient, shape in ((340, "W", "d_weights", matrix), (690, "b", "d_biases", column)):
        yield _arrow("backward", (x, parameters + 30), (x, gradients - 18))
        yield _value(x, gradients, gradient, shape, "backward")
        yield _arrow("backward", (x, gradients + 22), (x, update - 16))
        yield _text(x, update + 2, words["update"].format(parameter=parameter), "is-backward")


def _value(x: float, y: float, name: str, shape: str, kind: str) -> str:
    return _text(x, y - 3, name, f"code is-{kind}") + _text(x, y + 14, shape, f"shape is-{kind}")


def _text(x: float, y: float, text: str, kind: str, *, anchor: str = "") -> str:
    attributes = f' class="{kind}"' if kind else ""
    if anchor:
        attributes += f' style="text-anchor: {anchor}"'
    return f'<text x="{x:g}" y="{y:g}"{attributes}>{escape(text)}</text>'


def _arrow(kind: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    return _path(kind, f"M{start[0]:g} {start[1]:g} L{end[0]:g} {end[1]:g}")


def _path(kind: str, steps: str) -> str:
    return f'<path class="{kind}" d="{steps}" marker-end="url(#{kind})"/>'


def _head(kind: str) -> str:
    return (
        f'<marker id="{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path class="head-{kind}" d="M0 0 L10 5 L0 10 z"/></marker>'
    )
