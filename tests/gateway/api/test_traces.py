"""Trace headers of callers."""

import pytest

from services.gateway.api.traces import _clean

GOOD = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NIK_INSIDE = b"00-0000000000000000ab33070101019000-b7ad6b7169203331-01".replace(b"ab330701010190", b"33070101019000")


def test_a_traceparent_passes_and_what_may_carry_anything_does_not() -> None:
    headers = [
        (b"traceparent", GOOD),
        (b"tracestate", b"nik=3307010101900001"),
        (b"baggage", b"x=y"),
        (b"accept", b"*"),
    ]
    assert _clean(headers) == [(b"accept", b"*"), (b"traceparent", GOOD)]


@pytest.mark.parametrize("values", [[NIK_INSIDE], [b"junk"], [GOOD, GOOD], [b"\xff"]])
def test_a_traceparent_that_is_none_or_could_hold_an_identifier_is_dropped(values: list[bytes]) -> None:
    assert _clean([(b"traceparent", value) for value in values]) == []
