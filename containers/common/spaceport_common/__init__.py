"""What the three container programs share: folders, settings, progress, report and exit rules,
the kernel that draws (kernel/) and the scene format SOG (sog/).

The contract with the workflow (docs/container-contract.md):
settings come as one JSON file, progress goes to stdout as one JSON object a line, the result is
`report.json` with a verdict, and only a run without usable output exits non-zero.
"""
