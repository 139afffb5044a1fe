"""An answer's Markdown on the screen, as lines of few widgets.

Textual's own makes a widget of each block and of each cell of a table, and places all of them anew with every line that
is added: with many tables a key waited up to 0.8 s for its letter, here 0.03 s (`python -m tests.bench --only typing`).
What the text means is markdown-it's to say, as with Textual's.
"""
