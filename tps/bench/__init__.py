"""Measures of the site under load, on real data: `manage.py bench`."""
