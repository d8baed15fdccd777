"""The page: its sections in order, style and script in the file itself."""

from base64 import b64encode
from hashlib import sha256
from string import Template

from linkage.lists.persons import Persons
from linkage.lists.report.levels import levels
from linkage.lists.report.markup import Markup, joined, resource, tag
from linkage.lists.report.records import clusters, keys, unlinked
from linkage.lists.report.run import Run
from linkage.lists.report.scores import Explain, distribution, explained
from linkage.lists.report.summary import header, making, reading, summary, warnings
from linkage.result import Linkage

_NAVIGATION = {
    "summary": "Summary",
    "warnings": "Warnings",
    "reading": "How to read it",
    "scores": "Weights of pairs",
    "examples": "Examples",
    "weights": "Weights of fields",
    "clusters": "Persons found",
    "unlinked": "Unlinked records",
    "keys": "Candidates",
    "making": "How it was made",
}


def page(linkage: Linkage, found: Persons, run: Run, explain: Explain) -> str:
    """The whole report. A content security policy in it forbids it to fetch or send anything."""
    sections = (
        summary(linkage, found, run),
        warnings(linkage),
        reading(linkage),
        distribution(linkage),
        explained(linkage, explain),
        levels(linkage.model),
        clusters(linkage, found),
        unlinked(linkage, found),
        keys(linkage),
        making(linkage, run),
    )
    style, script = resource("page.css"), resource("page.js")
    return Template(resource("page.html")).substitute(
        style_digest=_digest(style),
        script_digest=_digest(script),
        title="Linkage report",
        style=style,
        script=script,
        header=header(linkage, found, run),
        nav=_navigation(),
        sections=joined(sections),
    )


def _navigation() -> Markup:
    links = [tag("li", tag("a", text, href=f"#{name}")) for name, text in _NAVIGATION.items()]
    return tag("nav", tag("ul", links), aria_label="Sections")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
