"""The database's known defects D1-D10: what each costs here and now, so that an upgrade of the server is noticed."""
