"""The worker process and its client: requests go in, events come out."""
