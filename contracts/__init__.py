"""What the services and the partners say to each other: envelope, topics, messages, outcomes and code lists."""
