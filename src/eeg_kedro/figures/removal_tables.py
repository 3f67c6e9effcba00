"""What cleaning did to a recording, as tables for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eeg_kedro.figures.head import channel_states
from eeg_kedro.figures.page_markup import Table
from eeg_kedro.signal.artefacts import KINDS

MOST_POPS = 20
Footer = Mapping[str, Any]


def tabulate_channels(footer: Footer) -> Iterator[Table]:
    """List the bad channels with their reasons."""
    verdicts = {entry["name"]: entry for entry in footer.get("channels", [])}
    scores = dict(zip(footer["ch_names"], footer.get("quality", {}).get("channel_scores", []), strict=False))
    rows = [
        (name, ", ".join(verdicts.get(name, {}).get("kinds", [])), state, reason, _round(scores.get(name), 2))
        for name, (state, reason) in channel_states(footer).items()
        if state != "good"
    ]
    if rows:
        yield Table(("channel", "found", "became", "why", "score (0–1)"), tuple(rows))


def tabulate_components(ica: Mapping[str, Any]) -> Iterator[object]:
    """List the components, removed ones first."""
    components = ica.get("components") or []
    if not components:
        return
    order = sorted(components, key=lambda one: (not one["removed"], -one["variance_share"]))
    yield (
        f"{ica.get('method', 'ICA')}: rank {ica.get('rank')}, {ica.get('n_iter')} iterations, "
        f"{'converged' if ica.get('converged') else 'not converged'}, {ica.get('n_samples'):,} samples; "
        f"{ica.get('variance_removed', 0.0):.1%} of the variance removed."
    )
    if ica.get("note"):
        yield str(ica["note"])
    columns = ("component", "taken for", "probability", "r with EOG", "r with ECG", "variance (%)")
    yield Table(
        (*columns, "removed", "why"),
        tuple(
            (
                one["index"],
                str(one["label"]).replace("_", " "),
                _round(one.get("probability") or None, 2),
                _round(one.get("eog_correlation"), 2),
                _round(one.get("ecg_correlation"), 2),
                _round(100 * one["variance_share"], 1),
                "removed" if one["removed"] else "kept",
                one.get("why", ""),
            )
            for one in order
        ),
        marked=frozenset(place for place, one in enumerate(order) if one["removed"]),
    )


def tabulate_steps(footer: Footer) -> Iterator[Table]:
    """List the steps in their order."""
    rows = [
        (one["step"].replace("_", " "), "yes" if one["done"] else "no", one.get("note", ""))
        for one in footer.get("steps", [])
    ]
    if rows:
        yield Table(("step", "done", "what it did"), tuple(rows))


def tabulate_kinds(footer: Footer) -> Iterator[Table]:
    """List the share of channel-seconds with each kind of artefact, before and after."""
    quality = footer.get("quality", {})
    found, left = quality.get("found_share"), quality.get("residual_share")
    if found is None or left is None:
        return
    columns = ("artefact", "found: % of channel-seconds", "left: % of channel-seconds")
    yield Table(
        columns, tuple((kind, *(_percent(side.get(kind)) for side in (found, left))) for kind in KINDS)
    )


def tabulate_pops(footer: Footer) -> Iterator[object]:
    """List the first electrode pops and hardware spikes."""
    pops = footer.get("pops", {})
    total = pops.get("n_pops", 0) + pops.get("n_spikes", 0)
    if not total:
        return
    shown = pops.get("first", [])[:MOST_POPS]
    yield (
        f"{pops['n_pops']} electrode pops and {pops['n_spikes']} hardware spikes, "
        f"{pops.get('n_repaired', 0)} repaired{f'; the first {len(shown)}' if len(shown) < total else ''}:"
    )
    yield Table(
        ("channel", "kind", "onset (s)", "duration (s)", "size (µV)", "repaired"),
        tuple(
            (
                pop["channel"],
                pop["kind"],
                _round(pop["onset"], 2),
                _round(pop["duration"], 3),
                _round(pop["uv"], 0),
                "yes" if pop["repaired"] else "no",
            )
            for pop in shown
        ),
    )


def _round(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:.2f}"
