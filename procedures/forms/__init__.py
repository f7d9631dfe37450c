"""Forms of the administrateurs, a module per concern."""
