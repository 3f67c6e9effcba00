"""Physical units of a signal: how many microvolts one is."""

from __future__ import annotations

_PREFIXES = {"": 1e6, "m": 1e3, "u": 1.0, "n": 1e-3, "milli": 1e3, "micro": 1.0, "nano": 1e-3}
_MICRO_SIGNS = ("Âµ", "Î¼", "µ", "μ")  # the first two: UTF-8 bytes that somebody read as Latin-1


def microvolt_factor(dimension: str) -> float | None:
    """Tell how many microvolts one unit of `dimension` is.

    Parameters
    ----------
    dimension : str
        Unit as written in the file: ``uV``, ``µV``, ``mV``, ``V``, ``nV`` in any case, or spelt out.

    Returns
    -------
    float or None
        None for a blank dimension and for anything that is not a voltage. A capital ``M`` is mega, not milli:
        no EEG is in megavolts, so it is not guessed at.
    """
    text = dimension.strip().strip("[]()").strip()
    for sign in _MICRO_SIGNS:
        text = text.replace(sign, "u")
    if text.startswith("M") and len(text) == 2:
        return None
    text = text.lower()
    for unit in ("volts", "volt", "v"):
        if text.endswith(unit):
            return _PREFIXES.get(text[: -len(unit)].strip())
    return None
