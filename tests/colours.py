"""Colours as eyes see them, computed apart from the code under test: contrast, and vision less a cone."""

import numpy as np
from matplotlib.colors import to_rgb

# Machado, Oliveira, Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", severity 1, on linear RGB
VISION = {
    "common": np.eye(3),
    "no long cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no medium cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "no short cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str | tuple[float, ...]) -> np.ndarray:
    channel = np.array(to_rgb(colour))
    return np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)


def contrast(one: str | tuple[float, ...], other: str | tuple[float, ...]) -> float:
    """Contrast ratio by WCAG 2.2: (lighter luminance + 0.05) / (darker luminance + 0.05)."""
    dark, light = sorted(linear(colour) @ XYZ[1] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def distance(one: str, other: str, vision: str = "common") -> float:
    """How far apart two colours look, in CIELAB (CIE 1976): 2.3 is just noticeable."""
    first, second = (lab(np.array(VISION[vision]) @ linear(colour)) for colour in (one, other))
    return float(np.linalg.norm(first - second))


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB, white as D65."""
    ratio = XYZ @ np.clip(rgb, 0, 1) / (0.9505, 1, 1.089)
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
