"""The layers of a convolutional network, written to be read.

`shapes` counts, `arguments` refuses what makes no sense, `loops` computes, `base` is what layers share,
`layers` keep the parameters, `model` puts layers in a row, `data` brings images. Conventions are PyTorch's.
"""
