"""What requests have used and cost, and the limits on it."""
