"""How fast, and in how much memory: measured on one thread, against the loops and against PyTorch.

`python3 build.py bench` measures, prints, and writes results.json, from which the table in README is made.
"""
