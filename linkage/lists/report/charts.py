"""Charts as inline SVG: what weighs how much, step by step and over all pairs. Colours come from the page's style."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from linkage.lists.report.markup import Markup, tag
from linkage.result import Decision, Histogram

_BAR = (1000, 24)
_PLOT = (960, 330)
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 52, 46


@dataclass(frozen=True, slots=True)
class Scale:
    """Bits from `low` to `high`, laid over a width that starts at `start`."""

    low: float
    high: float
    width: float = _BAR[0]
    start: float = 0.0

    def at(self, bits: float) -> float:
        """Where a weight lies; what is outside lies at the end."""
        inside = min(max(bits, self.low), self.high)
        return self.start + (inside - self.low) / ((self.high - self.low) or 1.0) * self.width


@dataclass(frozen=True, slots=True)
class Mark:
    """A limit in bits, and what is written beside it."""

    bits: float
    decision: Decision
    label: str


def bar(start: float, end: float, scale: Scale, title: str, marks: Sequence[Mark] = ()) -> Markup:
    """One bar from `start` to `end` bits, as wide as where it stands. Zero and the marks are lines."""
    width, height = _BAR
    left, right = sorted((scale.at(start), scale.at(end)))
    sign = "for" if end > start else "against"
    return tag(
        "svg",
        tag("title", title),
        _upright(scale.at(0.0), 0, height, "zero"),
        [_upright(scale.at(mark.bits), 0, height, f"limit {mark.decision}") for mark in marks],
        tag("rect", x=left, y=4, width=max(right - left, 4), height=height - 8, class_=sign) if start != end else None,
        class_="bar",
        viewBox=f"0 0 {width} {height}",
        preserveAspectRatio="none",
        role="img",
    )


def histogram(found: Histogram, marks: Sequence[Mark]) -> Markup:
    """How many pairs weigh how much, on a logarithmic scale; bars have the colour of what is done with the pairs.

    There is at least one pair, and the marks rise.
    """
    width, height = _PLOT
    edges, counts = found.edges, found.counts
    filled = [k for k, count in enumerate(counts) if count]
    ends = [edges[filled[0]], edges[filled[-1] + 1], *(mark.bits for mark in marks)]
    scale = Scale(min(ends), max(ends), width - _LEFT - _RIGHT, _LEFT)
    top = 10 ** math.ceil(math.log10(max(max(counts), 10)))
    return tag(
        "svg",
        tag("title", f"{sum(counts):,} compared pairs by weight, from {ends[0]:.0f} to {ends[1]:.0f} bits"),
        [_line_of_count(10**power, top) for power in range(round(math.log10(top)) + 1)],
        [_column(scale, edges[k], edges[k + 1], counts[k], top, marks) for k in filled],
        [_tick(scale, bits) for bits in ticks(scale.low, scale.high)],
        [_limit(scale, mark) for mark in marks],
        tag("text", "weight of the pair, in bits", x=_LEFT + scale.width / 2, y=height - 6, class_="middle axis"),
        tag("text", "pairs", x=_LEFT - 8, y=_TOP - 16, class_="end axis"),
        class_="plot",
        viewBox=f"0 0 {width} {height}",
        role="img",
    )


def ticks(low: float, high: float, about: int = 8) -> list[float]:
    """Round numbers from `low` to `high`."""
    rough = max(high - low, 1e-9) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    return [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _height(count: int, top: int) -> float:
    """From half a pair upwards, so that a single one is seen."""
    return math.log(count / 0.5) / math.log(top / 0.5) * (_PLOT[1] - _TOP - _BOTTOM)


def _line_of_count(count: int, top: int) -> Markup:
    y = _PLOT[1] - _BOTTOM - _height(count, top)
    line = tag("line", x1=_LEFT, x2=_PLOT[0] - _RIGHT, y1=y, y2=y, class_="grid")
    return tag("g", line, tag("text", f"{count:,}", x=_LEFT - 8, y=y + 4, class_="end"))


def _column(scale: Scale, low: float, high: float, count: int, top: int, marks: Sequence[Mark]) -> Markup:
    passed: list[Decision] = ["no", *(mark.decision for mark in marks if (low + high) / 2 >= mark.bits)]
    left, right, height = scale.at(low), scale.at(high), _height(count, top)
    return tag(
        "rect",
        tag("title", f"{count:,} pairs from {low:.1f} to {high:.1f} bits"),
        x=left + 0.5,
        y=_PLOT[1] - _BOTTOM - height,
        width=max(right - left - 1, 0.7),
        height=height,
        class_=passed[-1],
    )


def _tick(scale: Scale, bits: float) -> Markup:
    y = _PLOT[1] - _BOTTOM
    return tag("text", f"{bits:g}".replace("-", "−"), x=scale.at(bits), y=y + 18, class_="middle")


def _limit(scale: Scale, mark: Mark) -> Markup:
    """The label of linking stands to the right, that of review to the left, while there is room."""
    x, linking = scale.at(mark.bits), mark.decision == "link"
    y, share = (14, 0.75) if linking else (32, 0.25)
    ends = x > scale.start + share * scale.width
    where = {"x": x - 7, "class_": f"{mark.decision} end"} if ends else {"x": x + 7, "class_": mark.decision}
    return tag(
        "g", _upright(x, y - 8, _PLOT[1] - _BOTTOM, f"limit {mark.decision}"), tag("text", mark.label, y=y + 4, **where)
    )


def _upright(x: float, y1: float, y2: float, kind: str) -> Markup:
    return tag("line", x1=x, x2=x, y1=y1, y2=y2, class_=kind)
