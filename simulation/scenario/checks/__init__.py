"""What must be true after the scenario. What a rule gives is computed by the rule itself."""
