"""One request to a model, as a stream of typed events; runs inside the worker process."""
