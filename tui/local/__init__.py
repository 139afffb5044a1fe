"""The built-in model: fetched once, served on loopback."""
