"""From settings to a running turn."""
