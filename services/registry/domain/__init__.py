"""The registry's rules: persons as folds over actions, guards on what may be added, identifier entries."""
