"""An answer's Markdown on the screen: few widgets, however many blocks, since each is placed anew with every line."""
