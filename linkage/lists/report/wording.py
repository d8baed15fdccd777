"""How numbers read in the report."""

import math


def count(number: int, thing: str = "", things: str = "") -> str:
    """`1 person`, `1,204 persons`; the plural is `things`, or `thing` with an s."""
    noun = thing if number == 1 else things or f"{thing}s"
    return f"{number:,} {noun}" if thing else f"{number:,}"


def percent(share: float) -> str:
    """A share of 0 to 1 with two figures that count; what is not known says so."""
    if math.isnan(share):
        return "not known"
    hundredths = 100 * share
    if hundredths in (0.0, 100.0):
        return f"{hundredths:.0f}%"
    if hundredths < 0.01:
        return "under 0.01%"
    if hundredths > 99.99:
        return "over 99.99%"
    return f"{hundredths:.2f}%" if hundredths < 1 or hundredths > 99 else f"{hundredths:.1f}%"


def chance(probability: float) -> str:
    """A share, or from under 1% on `1 in 25,000`, with two figures that count."""
    if probability >= 0.01 or probability <= 0:
        return percent(probability)
    odds = 1 / probability
    step = 10 ** max(math.floor(math.log10(odds)) - 1, 0)
    return f"1 in {round(odds / step) * step:,}"


def likelihood(probability: float) -> str:
    """A probability that a pair is one person; never rounded to certainty."""
    if probability > 0.9999:
        return "over 0.9999"
    return f"{probability:.4f}" if probability >= 0.0001 else "under 0.0001"


def bits(weight: float) -> str:
    """A weight with its sign."""
    return f"{weight:+.1f}".replace("-", "−") if abs(weight) >= 0.05 else "0"


def duration(seconds: float) -> str:
    """Time taken."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"
