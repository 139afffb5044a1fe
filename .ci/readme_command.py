"""Print one of the README's two commands as it stands there: readme_command.py demo|tests."""

import re
import sys
from pathlib import Path

MARKS = {"demo": "llm-backends demo", "tests": "pytest"}

readme = Path(__file__).parent.parent / "README.md"
blocks = re.findall(r"^```sh\n(.*?)^```", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
found = [block for block in blocks if MARKS[sys.argv[1]] in block and "venv" in block]
if len(found) != 1:
    sys.exit(f"the README has {len(found)} blocks with {MARKS[sys.argv[1]]!r} and a venv; there has to be one")
print(found[0].strip())
