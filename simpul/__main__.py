"""`python -m simpul`."""

from simpul.cli import main

main()
