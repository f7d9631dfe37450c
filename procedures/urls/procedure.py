"""Paths: procedure."""

urlpatterns = []
