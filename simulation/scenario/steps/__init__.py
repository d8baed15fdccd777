"""What happens in the scenario, step by step: each step acts on a running stack and notes what it observed."""
