"""Notifications: alerts (somebody must act in time)."""
