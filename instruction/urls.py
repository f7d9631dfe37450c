"""Paths of instruction."""

app_name = "instruction"
urlpatterns = []
