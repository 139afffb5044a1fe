"""Where keys live, and where each of them may go."""
