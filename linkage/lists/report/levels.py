"""The section on the model: what each level of agreement weighs, field by field."""

import math

from linkage.lists.report.charts import Scale, bar
from linkage.lists.report.markup import Markup, tag
from linkage.lists.report.tables import scrolling, section
from linkage.lists.report.wording import bits, chance
from linkage.model import FieldModel, Model


def levels(model: Model) -> Markup:
    """Bars around zero, with m and u beside them."""
    if not model.fields:
        return section("weights", "What each field weighs", tag("p", "No field was compared.", class_="soft"))
    lead = (
        "m is how often a level is seen between two records of one person, u how often between two persons; the weight "
        "is log2(m/u). These are the weights of ordinary values: agreeing on a rare name weighs more, on a common one "
        "less."
    )
    reach = max(abs(weight(m, u)) for field in model.fields for m, u in zip(field.m, field.u, strict=True))
    scale = Scale(-math.ceil(reach), math.ceil(reach) or 1)
    ends = tag(
        "span", [tag("span", text) for text in (f"−{scale.high:.0f}", "0", f"+{scale.high:.0f}")], class_="scale"
    )
    heads = [
        tag("th", "Level", scope="col"),
        tag("th", ends, scope="col", class_="chart", aria_label="Weight as a bar"),
        *(tag("th", text, scope="col", class_="n") for text in ("Bits", "m", "u")),
    ]
    caption = tag("caption", "Weight of each level of agreement, from the best downwards")
    body = [_field(field, scale) for field in model.fields]
    grid = tag("table", caption, tag("thead", tag("tr", heads)), body, class_="weights")
    return section(
        "weights", "What each field weighs", tag("p", lead, class_="lead"), scrolling("Weights by field", grid)
    )


def weight(m: float, u: float) -> float:
    """Bits of a level; a level that is never seen with one of the two is held to ±50."""
    tiny = 2.0**-50
    return math.log2(max(m, tiny) / max(u, tiny))


def _field(field: FieldModel, scale: Scale) -> Markup:
    name = tag("tr", tag("th", field.name, scope="rowgroup", colspan=5), class_="field")
    rows = reversed(list(zip(field.levels, field.m, field.u, strict=True)))
    return tag("tbody", name, [_level(field.name, level, m, u, scale) for level, m, u in rows])


def _level(field: str, level: str, m: float, u: float, scale: Scale) -> Markup:
    found = weight(m, u)
    return tag(
        "tr",
        tag("th", level, scope="row"),
        tag("td", bar(0.0, found, scale, f"{field}, {level}: {bits(found)} bits")),
        *(tag("td", text, class_="n") for text in (bits(found), chance(m), chance(u))),
        class_="level",
    )
