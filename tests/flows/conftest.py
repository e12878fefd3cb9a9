"""Fixtures of the flows' tests; the hub itself is in tests/conftest.py, shared with the portal's."""
