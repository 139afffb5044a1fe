"""A text editor of TOML: changes values and tables, and leaves every other byte alone."""
