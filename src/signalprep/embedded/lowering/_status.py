"""Bits of the status that a step of an exported program returns; 0 says that all is well."""

__all__ = ["SATURATED", "STATUS_WORDS", "UNAVAILABLE", "UNKNOWN", "WARMING"]

WARMING = 1
SATURATED = 2
UNAVAILABLE = 4
UNKNOWN = 8

STATUS_WORDS = {
    WARMING: "warming up: fewer rows since the reset than the filters remember",
    SATURATED: "an input was beyond its format and has been clamped",
    UNAVAILABLE: "an input was not available; its last value has been held",
    UNKNOWN: "an input is beyond what the calibration rows hold",
}
