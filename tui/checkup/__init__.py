"""The staged test of a backend."""
