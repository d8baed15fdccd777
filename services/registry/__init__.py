"""Registry: persons, their migration episodes, and what each institution said of them.

For: one person however many institutions report and however each writes her, in one state whatever order their facts
arrive in.
In: registry.commands.v1 (people, urgent facts, its own rule), registry.bulk.v1 (loads), registry.events.v1 (for the
rule) · HTTP queries, for the gateway alone.
Out: registry.events.v1, registry.outcomes.v1, registry.commands.v1 (what the rule asks).
Owns: database `registry` (persons, identifier entries, profiles, duplicate reviews, and the chassis' processed commands
and outbox).
"""
