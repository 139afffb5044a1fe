"""`python -m tui` is `llm-backends`."""

from tui.cli.main import main

if __name__ == "__main__":
    main()
