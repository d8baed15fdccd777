"""The pages: one file for each part of the work, each with its routes."""
