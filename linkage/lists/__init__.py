"""Lists of persons in files: read, understood column by column, linked offline, and what came of it written down."""
