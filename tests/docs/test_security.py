"""What docs/security.md says of pseudonyms is what the agreements say that an installation begins with."""

from pathlib import Path

from services.gateway.domain.agreements import load

GUIDE = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
PSEUDONYMS = GUIDE.partition("## Pseudonyms")[2].partition("\n## ")[0]


def test_every_agreement_that_gives_pseudonyms_is_released_by_the_day_and_named() -> None:
    pseudonymised = [agreement for agreement in load() if agreement.pseudonymised]
    assert [agreement.id for agreement in pseudonymised if agreement.release != "daily"] == []
    assert [agreement.id for agreement in pseudonymised if f"`{agreement.id}`" not in PSEUDONYMS] == []
    assert pseudonymised


def test_the_facts_by_which_two_receivers_join_are_given_to_both() -> None:
    by_id = {agreement.id: agreement for agreement in load()}
    statistics, insurance = by_id["official-statistics"], by_id["social-security"]
    assert {"status", "destination", "contract_start", "contract_end"} <= set(statistics.facts) & set(insurance.facts)
    assert {"full_name", "nik"} <= set(insurance.personal)
