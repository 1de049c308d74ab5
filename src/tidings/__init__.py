"""Tidings: a self-hosted news platform.  The main path is pipeline.py; everything is put together in app.py."""

__version__ = "0.1.0"
