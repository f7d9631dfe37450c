"""Paths: formulaire."""

urlpatterns = []
