"""Alerts: who is told at once, who takes them, and how they end.

In:    notifications.commands.v1; HTTP queries of the gateway
Out:   notifications.outcomes.v1, notifications.events.v1
Owns:  the database of alerts; what reporters said of an incident leaves it by HTTP only, to those who were told
"""
