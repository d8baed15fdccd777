"""What an alert is, who is told of it and what may become of it."""
