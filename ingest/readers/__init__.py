"""One reader a format; each yields frames of text."""
