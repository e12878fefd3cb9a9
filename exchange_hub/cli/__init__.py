"""The one command, hub."""
