"""What an alert is, who receives it and what may become of it."""
