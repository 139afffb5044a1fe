"""The code in an answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.markdown.code_blocks import CodeBlock, code_blocks

ANSWER = """\
Run this:

```sh
pip install x

x --help
```

1. Then, in a list:

   ~~~~python title="a.py"
   if a:
       ```not a fence```
   ~~~~

> ```
> quoted
> ```

Inline `code` is none, and an empty block neither:

```
```

    indented

```rust
fn main() {
"""


def test_each_block_is_found_with_its_language_and_without_what_surrounds_it() -> None:
    assert code_blocks(ANSWER) == (
        CodeBlock("pip install x\n\nx --help", "sh"),
        CodeBlock("if a:\n    ```not a fence```", "python"),
        CodeBlock("quoted"),
        CodeBlock("indented"),
        CodeBlock("fn main() {", "rust"),
    )


def test_a_block_is_called_by_its_first_line() -> None:
    assert CodeBlock("\n  \n   x = 1\ny").title == "x = 1"


def test_an_answer_without_code_has_no_blocks() -> None:
    assert code_blocks("Just `words`.") == ()


@given(st.text("ab\n ", min_size=1).filter(str.strip), st.text("xyz \n"))
def test_the_text_of_a_block_comes_out_as_it_went_in(code: str, around: str) -> None:
    found = code_blocks(f"{around}\n\n```\n{code}\n```\n\n{around.strip()}")
    assert CodeBlock(code) in found
