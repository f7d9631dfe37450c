"""The pages of the accompagnateurs."""
