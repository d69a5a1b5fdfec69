"""The operating map and the colours of its cells."""

from signalprep.layout._colour_scale import DOT, ColourScale, colour_scale, faded, ink
from signalprep.layout._operating_map import MapAxis, MapPanel, OperatingMap, arrange
