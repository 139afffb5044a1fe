"""The stages of a check-up, one module for each kind: what is done, and how the outcome is judged.

settings                    what is filled in, and which key may go where
host, tls                   connection.py, certificate.py; by our own sockets, nothing of the user's is sent
key, model                  first.py; one short request for both
stream                      stream.py
json, tools, vision         json_answer.py, tool_call.py, vision.py; the answer itself is judged
cache                       caching.py
"""
