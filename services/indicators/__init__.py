"""Rounds of Migration Governance Indicators: who has to answer what, the answers with their evidence, and who is late.

In:    indicators.commands.v1; HTTP queries of the gateway
Out:   indicators.outcomes.v1, indicators.events.v1
Owns:  the database of rounds and answers; what institutions wrote and their evidence leave it by HTTP only
"""
