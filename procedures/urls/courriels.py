"""Paths: courriels."""

urlpatterns = []
