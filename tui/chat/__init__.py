"""What a conversation is, without a screen: turns, usage, cost."""
