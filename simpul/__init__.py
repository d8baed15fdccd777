"""The command line `simpul`: one thin file per group of commands, calling into the rooms below."""
