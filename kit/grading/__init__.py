"""Grading: one submission, in a process of its own that holds no expected value; then a class of them."""
