"""The fuzz run: mutated packages against `hub check`, each from a number (see docs/reference/fuzzing.md)."""
