"""Alerts: who receives them at once, who takes them, and how they end.

In:    alerts.commands.v1; HTTP queries of the gateway
Out:   alerts.outcomes.v1, alerts.events.v1
Owns:  the database of alerts; reports leave it by HTTP only, for those who respond
"""
