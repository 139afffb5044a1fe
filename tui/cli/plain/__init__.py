"""`--plain`: settings and chat line by line, for screen readers and scripts, through the same parts as the screens.

loop       reads a line, does what it says, until `quit`
fields     show, get, set, unset, profile
file       diff, save, undo, check
backend    key, checkup, chat: what talks to the keyring or to a model
waits      a wait that is told of, and that Ctrl+C ends
sentences  an answer in pieces that can be read out
lines      the terminal as lines, without cursor movement or escape sequences
"""
