"""What was done to a recording, in JSON values: the footer of its windows, and what the reports are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from eeg_kedro.signal.bad_channels import note_judgement
from eeg_kedro.signal.channel_notes import describe_channels, short
from eeg_kedro.signal.component_search import ComponentSearch
from eeg_kedro.signal.derivation import Derivation
from eeg_kedro.signal.examination import Examination
from eeg_kedro.signal.filters import FilterDesign
from eeg_kedro.signal.pop_search import FEWEST_WITNESSES
from eeg_kedro.signal.spatial import SpatialPlan

if TYPE_CHECKING:
    from eeg_kedro.signal.cleaning import CleanOptions
    from eeg_kedro.signal.cleaning_stream import CleaningStream
    from eeg_kedro.signal.denoise import DenoisePlan

OFF = "switched off"
MOST_POPS = 200  # listed one by one; all are counted
SMALLEST_UV, LARGEST_UV = (
    0.3,
    1000.0,
)  # typical rms of a channel above 1 Hz; beyond it is hardly EEG in microvolts


def describe_cleaning(
    row: Mapping[str, Any],
    options: CleanOptions,
    found: Examination,
    search: ComponentSearch,
    stream: CleaningStream,
) -> dict[str, Any]:
    """Tell what was found and done.

    Parameters
    ----------
    row : mapping
        The recording's row of the inventory.
    options : CleanOptions
        What was asked for.
    found : Examination
        Channels, line frequency, pops.
    search : ComponentSearch
        Components.
    stream : CleaningStream
        Filter, channels that come out, thresholds.

    Returns
    -------
    dict
        JSON values.
    """
    source, design, plan, stored = stream.source, stream.design, stream.plan, stream.stored
    reference = "average" if plan.scalp else row["reference"]
    return {
        "unit": "uV",
        "montage": stored.montage,
        "reference": reference if stored.matrix is None else f"longitudinal bipolar from {reference}",
        "reference_note": plan.reference_note,
        "filters": _filters(design),
        "line_freq": found.line.freq,
        "line_note": found.line.note,
        "source_sfreq": float(source.sfreq),
        "source_n_times": int(source.n_times),
        "source_fingerprint": source.fingerprint(),
        **describe_channels(found.verdicts, plan, stored, row["missing_channels"]),
        "ica": _components(search),
        "pops": _pops(found, stream),
        "doubts": _doubts(found, plan, options),
        "aux_channels": _aux(row),
        "steps": _steps(options, found, search, stream),
        "edge_seconds": design.edge_seconds,
    }


def close_cleaning(
    metadata: Mapping[str, Any], stream: CleaningStream, most_removed: float
) -> dict[str, Any]:
    """Tell what is known when the last block has passed, as `CleaningStream.closing`, and what components took.

    The share of the variance that was foreseen holds if components are removed all the time; bursts take less.
    """
    ica = metadata["ica"]
    if "components" not in ica:
        return stream.closing()
    share = stream.removed_share
    flag = f"components took {share:.0%} of the variance, the limit is {most_removed:.0%}"
    told = {"variance_removed": short(share), "flag": flag if share > most_removed else ""}
    return stream.closing() | {"ica": ica | told}


def _doubts(found: Examination, plan: SpatialPlan, options: CleanOptions) -> list[str]:
    """Say why a person should look at the whole recording."""
    doubts = [note for note in note_judgement(found.verdicts, options.bad_channels) if "doubtful" in note]
    sizes = [v.measures["amplitude_uv"] for v in found.verdicts if v.measures.get("amplitude_uv", 0.0) > 0]
    typical = float(np.median(sizes)) if sizes else SMALLEST_UV
    if not SMALLEST_UV <= typical <= LARGEST_UV:
        what = f"the channels have {typical:.3g} µV rms, scalp EEG has 1 to 300"
        doubts.append(f"{what}: check the unit in the source")
    if plan.masked:
        doubts.append(f"left out, they carry no signal: {', '.join(plan.masked)}")
    if plan.kept:
        doubts.append(f"kept although bad, nothing can replace them: {', '.join(plan.kept)}")
    return doubts


def _aux(row: Mapping[str, Any]) -> list[str]:
    pairs = zip(row.get("aux_names", ()), row.get("aux_kinds", ()), strict=False)
    return [f"{name} ({kind})" for name, kind in pairs]


def _filters(design: FilterDesign) -> dict[str, Any]:
    return {
        "l_freq": design.l_freq,
        "h_freq": design.h_freq,
        "notch_freqs": list(design.notch_freqs),
        "fir_seconds": design.fir_seconds,
        "notes": list(design.notes),
    }


def _components(search: ComponentSearch) -> dict[str, Any]:
    if search.ica is None or search.verdicts is None:
        return {"note": search.note}
    ica, verdicts = search.ica, search.verdicts
    return {
        "note": "; ".join(verdicts.notes),
        "method": "picard, extended, orthogonal",
        "n_samples": ica.n_samples,
        "rank": ica.rank,
        "n_components": len(ica.unmixing),
        "n_iter": ica.n_iter,
        "converged": ica.converged,
        "ch_names": list(search.names),
        "mixing": [[short(value) for value in line] for line in ica.mixing],
        "variance_removed": short(verdicts.variance_removed),
        "flag": verdicts.flag,
        "components": [_plain(asdict(component)) for component in verdicts.components],
    }


def _pops(found: Examination, stream: CleaningStream) -> dict[str, Any]:
    pops, sfreq, recorded = found.repair.pops, stream.source.sfreq, found.verdicts
    first = [
        {
            "channel": recorded[pop.channel].name,
            "onset": pop.start / sfreq,
            "duration": (pop.stop - pop.start) / sfreq,
            "uv": short(pop.uv),
            "kind": pop.kind,
            "repaired": pop.repaired,
        }
        for pop in sorted(pops, key=lambda pop: (pop.start, pop.channel))[:MOST_POPS]
    ]
    return {
        "n_pops": sum(pop.kind == "pop" for pop in pops),
        "n_spikes": sum(pop.kind == "spike" for pop in pops),
        "n_repaired": sum(pop.repaired for pop in pops),
        "first": first,
    }


def _steps(
    options: CleanOptions, found: Examination, search: ComponentSearch, stream: CleaningStream
) -> list[dict[str, Any]]:
    """Say of every step, in the order of the chain, whether it was done, and what came of it."""
    plan, design, gaps = stream.plan, stream.design, found.repair.gaps
    n_bad = sum(verdict.bad for verdict in found.verdicts)
    judged = "; ".join(
        (f"{n_bad} of {len(found.verdicts)} bad", *note_judgement(found.verdicts, options.bad_channels))
    )
    n_removed = len(search.verdicts.removed) if search.verdicts else 0
    floor = stream.denoise
    told: list[tuple[str, bool, str]] = [
        ("gaps", bool(gaps), f"{len(gaps)} stretches without numbers bridged" if gaps else "none"),
        ("pops", options.pops.enabled, _pops_note(found) if options.pops.enabled else OFF),
        ("bad_channels", options.bad_channels.enabled, judged),
        ("notch", bool(design.notch_freqs), found.line.note),
        ("filter", True, f"{design.l_freq or 0:g} to {design.h_freq or design.sfreq_out / 2:g} Hz"),
        ("interpolation", bool(plan.interpolated), ", ".join(plan.interpolated) or _why_not(plan)),
        ("reference", bool(plan.scalp), _reference_note(plan)),
        (
            "ica",
            search.ica is not None,
            search.note or f"{n_removed} component{'s' * (n_removed != 1)} removed",
        ),
        ("montage", stream.stored.matrix is not None, _montage_note(stream.stored)),
        ("drift", stream.drift is not None, stream.drift_note),
        ("wavelet", floor is not None, _floor_note(floor)),
        ("quality", stream.after is not None, "artefacts and score per second" if stream.after else OFF),
    ]
    return [{"step": step, "done": done, "note": note} for step, done, note in told]


def _reference_note(plan: SpatialPlan) -> str:
    if plan.scalp:
        return f"average of {len(plan.scalp)} good scalp electrodes"
    return plan.reference_note or "left as recorded, as told"


def _montage_note(stored: Derivation) -> str:
    """Say which pairs are stored, and why others are not."""
    if stored.matrix is None:
        return stored.note or "channels as recorded, as told"
    total = len(stored.names) + len(stored.missing)
    lost = [f"{pair} left out, {why}" for pair, why in stored.missing.items()]
    told = (f"{len(stored.names)} of {total} pairs of the double banana", *lost, stored.note)
    return "; ".join(filter(None, told))


def _floor_note(floor: DenoisePlan | None) -> str:
    if floor is None:
        return OFF
    touched = int((floor.thresholds > 0).any(axis=1).sum())
    if not touched:
        return "no noise floor beside the EEG: nothing taken"
    return f"noise floor taken off {touched} channels, thresholds up to {floor.thresholds.max():.2g} µV"


def _pops_note(found: Examination) -> str:
    n = len(found.repair.pops)
    if not n and len(found.verdicts) <= FEWEST_WITNESSES:
        return f"not looked for: {len(found.verdicts)} channels cannot tell a pop from a jump of the eyes"
    return f"{n} found"


def _why_not(plan: SpatialPlan) -> str:
    if plan.kept:
        return f"kept although bad, nothing can replace them: {', '.join(plan.kept)}"
    return f"masked: {', '.join(plan.masked)}" if plan.masked else "no bad channel"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return short(value) if isinstance(value, float | np.floating) else value
