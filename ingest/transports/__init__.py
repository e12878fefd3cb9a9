"""One transport a channel."""
