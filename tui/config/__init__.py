"""What the user configured: the schema, the TOML document, where each value comes from, and the draft over it."""
