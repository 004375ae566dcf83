"""What each command does, without printing: the Python API.

A task wires the stages: it opens the workspace, hands each stage what it needs, and returns a
frozen report. One module a command; `workspaces` and `policies` are what several share.
"""
