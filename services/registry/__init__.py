"""Registry: persons, their migration episodes, and what each institution said of them.

For: one person however many institutions report, in one state whatever order their facts arrive in.
In: registry.commands.v1 (people, urgent facts), registry.bulk.v1 (loads) · HTTP queries, for the gateway alone.
Out: registry.events.v1, registry.outcomes.v1.
Owns: database `registry` (persons, claims, and the chassis' settled commands and outbox).
"""
