"""Whether a text looks like a key that was pasted into the wrong field."""

from __future__ import annotations

import re
from typing import Final

_KEY: Final = re.compile(
    r"""
    (?<![A-Za-z0-9]) (?:
        (?: sk | pk | rk | gsk | ghp | glpat | nvapi | r8 ) [-_] \S{6,}    # what most providers begin with
      | hf_ [A-Za-z0-9]{16,}
      | (?: AKIA | ASIA ) [A-Z0-9]{8,}
      | (?: AIza | ya29\. | eyJ ) [A-Za-z0-9_-]{10,}
      | [0-9a-fA-F]{8} (?: -[0-9a-fA-F]{4} ){3} - [0-9a-fA-F]{12}
      | (?= [A-Za-z]*[0-9] ) (?= [0-9]*[A-Za-z] ) [A-Za-z0-9]{20,}         # letters and digits without a break
    )
    """,
    re.VERBOSE,
)


def key_shaped(text: str) -> bool:
    """Whether a part of `text` has the shape of a key.

    Errs on the side of yes: a few names of models with a long hash in them count as one.
    """
    return _KEY.search(text) is not None
