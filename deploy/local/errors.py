"""What stops a command line program for a reason outside of it."""


class CannotProceed(Exception):
    """The message is one line for the person at the terminal: what is wrong, and what to do."""
