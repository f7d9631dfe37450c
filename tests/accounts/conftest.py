"""Fixtures of sign-in."""

from tests.oidc import provider

__all__ = ["provider"]
