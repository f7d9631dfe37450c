"""What accompagnateurs are told by email: digests, and news at once."""
