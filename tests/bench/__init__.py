"""How fast and how small the app is, beside baselines that run at the same time: `python -m tests.bench`."""
