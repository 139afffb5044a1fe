"""What providers answered when they refused a request, and what is made of each."""
