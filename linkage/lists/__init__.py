"""Lists of persons in files: read, their columns recognised, linked offline, and the results written down."""
