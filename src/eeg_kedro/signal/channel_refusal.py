"""What to say of a recording none of whose signals is usable EEG."""

from __future__ import annotations

from collections.abc import Iterable

from eeg_kedro.errors import SignalError

MOST_LISTED = 12  # labels of one reason


def no_channel(left_out: Iterable[tuple[str, str]]) -> SignalError:
    """Make the error that says why nothing is left, and of which signals, without listing a thousand of them.

    Parameters
    ----------
    left_out : iterable of (str, str)
        Label as recorded and why it is not used.
    """
    reasons: dict[str, list[str]] = {}
    for label, why in left_out:
        reasons.setdefault(why, []).append(label)
    told = []
    for why, labels in reasons.items():
        more = f" and {len(labels) - MOST_LISTED} more" if len(labels) > MOST_LISTED else ""
        told.append(f"{why}: {', '.join(labels[:MOST_LISTED])}{more}")
    return SignalError(
        "no usable EEG channel",
        value="; ".join(told) or "no signal",
        allowed="10-05 electrode names or pairs of them, in volts, with a scale",
        remedy="name the channels in ingest.channel_names, or leave this recording out of the corpus",
    )
