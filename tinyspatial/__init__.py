"""The layers of a convolutional network, written to be read.

``shapes`` counts, ``arguments`` checks, ``loops`` computes, ``layers`` hold parameters, ``model`` stacks them,
``data`` brings images. Each module uses only those named before it. Conventions are PyTorch's.
"""
