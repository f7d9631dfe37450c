"""Sign-in by FranceConnect (usagers) and ProConnect (agents), by OpenID Connect.

Source: sections 9 and 10 of the contract of external APIs, after the documentation of both, 2026.
"""
