"""Charts as inline SVG: the histogram of match weights, and bars. Colours come from the style of the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.lists.report.html import Markup, tag
from linkage.lists.report.texts import Texts
from linkage.result import Decision, Histogram, Linkage

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
        """The place of a weight; what is outside is placed at the end."""
        inside = min(max(bits, self.low), self.high)
        return self.start + (inside - self.low) / ((self.high - self.low) or 1.0) * self.width


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold in bits, and its label."""

    bits: float
    decision: Decision
    label: str


def threshold_marks(linkage: Linkage, texts: Texts) -> tuple[Mark, ...]:
    """The threshold for review, if it is not the one for linking, and that for linking."""
    review, link = linkage.thresholds.review, linkage.thresholds.link
    bits = log_odds(np.array([review, link]))
    linking = Mark(float(bits[1]), "link", texts("technical.threshold_link", p=texts.decimal(link)))
    if review >= link:
        return (linking,)
    return Mark(float(bits[0]), "review", texts("technical.threshold_review", p=texts.decimal(review))), linking


def log_odds(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """The bits of probabilities (0 to 1), limited to ±40."""
    p = np.clip(probability.astype(np.float64), 2.0**-40, 1 - 2.0**-40)
    return np.log2(p / (1 - p))


def bar(bits: float, scale: Scale, title: str) -> Markup:
    """A bar from zero to a weight."""
    width, height = _BAR
    left, right = sorted((scale.at(0.0), scale.at(bits)))
    rect = {"x": left, "y": 4, "width": max(right - left, 4), "height": height - 8}
    return tag(
        "svg",
        tag("title", title),
        _upright(scale.at(0.0), 0, height, "zero"),
        tag("rect", **rect, class_="for" if bits > 0 else "against") if bits else None,
        class_="bar",
        viewBox=f"0 0 {width} {height}",
        preserveAspectRatio="none",
        role="img",
    )


def weight_histogram(histogram: Histogram, marks: Sequence[Mark], texts: Texts) -> Markup:
    """How many pairs have which weight, on a logarithmic scale; the colour is that of their decision.

    There is at least one pair, and the marks rise.
    """
    width, height = _PLOT
    edges, counts = histogram.edges, histogram.counts
    filled = [k for k, count in enumerate(counts) if count]
    ends = [edges[filled[0]], edges[filled[-1] + 1], *(mark.bits for mark in marks)]
    scale = Scale(min(ends), max(ends), width - _LEFT - _RIGHT, _LEFT)
    top = 10 ** math.ceil(math.log10(max(max(counts), 10)))
    pairs, low, high = texts.count(sum(counts), "pair"), texts.decimal(ends[0], 2), texts.decimal(ends[1], 2)
    return tag(
        "svg",
        tag("title", texts("technical.histogram_title", pairs=pairs, low=low, high=high)),
        [_count_line(10**power, top, texts) for power in range(round(math.log10(top)) + 1)],
        [_column(scale, edges[k], edges[k + 1], counts[k], top, marks, texts) for k in filled],
        [_tick(scale, bits) for bits in ticks(scale.low, scale.high)],
        [_threshold(scale, mark) for mark in marks],
        tag("text", texts("technical.axis_weight"), x=_LEFT + scale.width / 2, y=height - 6, class_="middle axis"),
        tag("text", texts("technical.axis_pairs"), x=_LEFT - 8, y=_TOP - 16, class_="end axis"),
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
    """Above half a pair, so that a single pair can be seen."""
    return math.log(count / 0.5) / math.log(top / 0.5) * (_PLOT[1] - _TOP - _BOTTOM)


def _count_line(count: int, top: int, texts: Texts) -> Markup:
    y = _PLOT[1] - _BOTTOM - _height(count, top)
    line = tag("line", x1=_LEFT, x2=_PLOT[0] - _RIGHT, y1=y, y2=y, class_="grid")
    return tag("g", line, tag("text", texts.number(count), x=_LEFT - 8, y=y + 4, class_="end"))


def _column(scale: Scale, low: float, high: float, count: int, top: int, marks: Sequence[Mark], texts: Texts) -> Markup:
    decisions: list[Decision] = ["no", *(mark.decision for mark in marks if (low + high) / 2 >= mark.bits)]
    left, right, height = scale.at(low), scale.at(high), _height(count, top)
    title = texts(
        "technical.histogram_column", pairs=texts.count(count, "pair"), low=texts.bits(low), high=texts.bits(high)
    )
    return tag(
        "rect",
        tag("title", title),
        x=left + 0.5,
        y=_PLOT[1] - _BOTTOM - height,
        width=max(right - left - 1, 0.7),
        height=height,
        class_=decisions[-1],
    )


def _tick(scale: Scale, bits: float) -> Markup:
    y = _PLOT[1] - _BOTTOM
    return tag("text", f"{bits:g}".replace("-", "−"), x=scale.at(bits), y=y + 18, class_="middle")


def _threshold(scale: Scale, mark: Mark) -> Markup:
    """The label for linking stands to the right, that for review to the left, while there is room."""
    x, linking = scale.at(mark.bits), mark.decision == "link"
    y, share = (14, 0.75) if linking else (32, 0.25)
    before = x > scale.start + share * scale.width
    place = {"x": x - 7, "class_": f"{mark.decision} end"} if before else {"x": x + 7, "class_": mark.decision}
    line = _upright(x, y - 8, _PLOT[1] - _BOTTOM, f"threshold {mark.decision}")
    return tag("g", line, tag("text", mark.label, y=y + 4, **place))


def _upright(x: float, y1: float, y2: float, kind: str) -> Markup:
    return tag("line", x1=x, x2=x, y1=y1, y2=y2, class_=kind)
