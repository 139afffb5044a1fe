"""Which providers and models there are, where they live, and what they want."""
