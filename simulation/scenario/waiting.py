"""How long the scenario waits before it goes on; what is missing then is what a check reports."""

STEP_SECONDS = 180
"""For the receipts and copies of one step."""
ROUND_SECONDS = 60
"""For the answers of one institution to a round, and for an acknowledgement to be seen."""
CALL_SECONDS = 15
"""For the copies of one distress call: after this long it counts as not delivered."""
