"""One page about one recording: what it was, what was removed from it, what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from eeg_kedro.figures.artefact_timeline import draw_timeline
from eeg_kedro.figures.head import channel_states, draw_channel_map
from eeg_kedro.figures.page_markup import Caution, Facts, Section, write_page
from eeg_kedro.figures.power_spectra import draw_spectra
from eeg_kedro.figures.recording_view import InspectOptions, RecordingView, Subject, bad_names, read_view
from eeg_kedro.figures.removal_tables import (
    tabulate_channels,
    tabulate_components,
    tabulate_kinds,
    tabulate_pops,
    tabulate_steps,
)
from eeg_kedro.figures.stretches import draw_stretch
from eeg_kedro.figures.topographies import draw_components
from eeg_kedro.io.samples import SampleSource
from eeg_kedro.io.window_reading import WindowFile

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Draw = Callable[[RecordingView], Section]
Tabulate = Callable[[Mapping[str, Any]], Iterable[object]]


def draw_recording(
    load: Callable[[], WindowFile],
    opener: Callable[[], SampleSource],
    subject: Subject,
    options: InspectOptions,
    read: Callable[..., RecordingView] = read_view,
    draws: Iterable[Draw] = (),
    write: Callable[..., str] = write_page,
) -> str:
    """Read a recording and write its page.

    Parameters
    ----------
    load, opener : callable
        Give the window file and the source.
    subject : Subject
        Which recording it is.
    options : InspectOptions
        How much is drawn.
    read, draws, write : callables
        Read what is shown; draw the sections, in order; write them as a page.

    Returns
    -------
    str
        HTML that needs no other file.
    """
    view = read(load, opener, subject, options)
    return write(subject.key, [draw(view) for draw in draws])


def draw_failure(subject: Subject, error: str, remedy: str) -> str:
    """Write the page of a recording that has no windows: why, and what to do."""
    if not error:  # it was cleaned, and its file was damaged or taken away since
        error, remedy = "its window file is missing or damaged", remedy or "run process_primary again"
    items = [Caution(f"There is nothing to show of this recording: {error}")]
    sentences = [f"What to do: {remedy}."] if remedy else []
    return write_page(subject.key, [Section("", (*items, *sentences))])


def draw_summary(view: RecordingView) -> Section:
    """Say in numbers what the recording is and how good it became."""
    footer, quality = view.footer, view.footer.get("quality", {})
    names = footer["ch_names"]
    seizures = f"{len(view.subject.seizures)}" if view.subject.annotated else "not annotated"
    line = footer.get("line_freq")
    pairs = [
        ("quality score (0–1)", _number(quality.get("score"), ".2f")),
        ("artefact share left", _number(quality.get("artefact_share"), ".1%")),
        ("signal to noise", _number(quality.get("snr_db"), ".1f", " dB")),
        ("duration", _duration(view.duration)),
        ("seizures", seizures),
        ("channels", f"{len(names)} ({footer['montage']})"),
        ("bad channels", str(len(footer.get("bad_channels", [])))),
        ("components removed", _removed(footer)),
        ("sampling rate", _rates(footer["source_sfreq"], footer["sfreq"])),
        ("pass band", _band(footer["filters"])),
        ("line frequency", f"{line:g} Hz" if line else "none found"),
        ("reference", str(footer["reference"])),
    ]
    return Section("", (Facts(tuple(pairs)), *_remarks(footer)))


def draw_traces(draw: Callable[..., Figure], view: RecordingView) -> Section:
    """Draw the stretches."""
    intro = (
        "Before: filtered and referenced like the cleaned signal, nothing else; where the two traces part, "
        "something was taken for an artefact, or a bad channel was replaced. "
        "A click on the legend hides a trace."
    )
    bad, most = bad_names(view.footer), view.options.most_channels
    figures = [draw(part, bad, view.subject.seizures, most) for part in view.stretches]
    return Section("Traces before and after", (intro, *figures))


def draw_power(draw: Callable[..., Figure], view: RecordingView) -> Section:
    """Draw the spectra."""
    names = {"before": view.subject.ch_names, "after": view.footer["ch_names"]}
    figure = draw(view.spectra, names, bad_names(view.footer), view.footer.get("line_freq"))
    intro = (
        f"Welch spectra of up to {view.options.spectrum_seconds:g} s, spread over the recording. "
        "Before is the source with its own reference, so levels may differ where nothing was removed."
    )
    return Section("Spectra before and after", (intro, figure))


def draw_channels(draw: Callable[..., Figure], tabulate: Tabulate, view: RecordingView) -> Section:
    """Draw the verdicts on channels."""
    states = [state for state, _ in channel_states(view.footer).values()]
    bad = sum(state != "good" for state in states)
    intro = f"{bad} of {len(states)} recorded channels are bad." if bad else "No recorded channel is bad."
    return Section("Channels", (intro, draw(view.footer), *tabulate(view.footer)))


def draw_ica(draw: Callable[..., Figure], tabulate: Tabulate, view: RecordingView) -> Section:
    """Draw the components."""
    ica = view.footer.get("ica", {})
    said = [Caution(str(ica["flag"]))] if ica.get("flag") else []
    figure = draw(view.footer, view.options.most_components)
    return Section("Components", (*said, figure, *tabulate(ica)))


def draw_removal(draw: Callable[..., Figure], tabulates: Iterable[Tabulate], view: RecordingView) -> Section:
    """Say what was done and what was removed."""
    tables = [table for tabulate in tabulates for table in tabulate(view.footer)]
    figure = draw(
        view.cells, view.seconds.get("second_score"), view.footer["ch_names"], view.subject.seizures
    )
    return Section("What was found, removed and left", (figure, *tables))


# the order of the page; handed over as arguments, so that a page is made again when the code that draws it changes
DRAWS: tuple[Draw, ...] = (
    draw_summary,
    partial(draw_traces, draw_stretch),
    partial(draw_removal, draw_timeline, (tabulate_steps, tabulate_kinds, tabulate_pops)),
    partial(draw_channels, draw_channel_map, tabulate_channels),
    partial(draw_ica, draw_components, tabulate_components),
    partial(draw_power, draw_spectra),
)


def _remarks(footer: Mapping[str, Any]) -> Iterator[object]:
    """Repeat what cleaning wanted to be known."""
    for doubt in footer.get("doubts", ()):
        yield Caution(_sentence(doubt))
    if footer.get("aux_channels"):
        yield f"Read along to tell components: {', '.join(footer['aux_channels'])}."
    if footer.get("ica", {}).get("flag"):
        yield Caution(_sentence(footer["ica"]["flag"]))
    for note in [footer.get("reference_note", ""), *footer["filters"].get("notes", [])]:
        if note:
            yield _sentence(note)


def _sentence(note: str) -> str:
    return f"{note[0].upper()}{note[1:]}{'' if note.endswith('.') else '.'}"


def _removed(footer: Mapping[str, Any]) -> str:
    components = footer.get("ica", {}).get("components")
    if components is None:
        return "none sought"
    removed = sum(bool(one["removed"]) for one in components)
    return f"{removed} of {len(components)}"


def _number(value: float | None, spec: str, unit: str = "") -> str:
    return "not judged" if value is None else f"{value:{spec}}{unit}"


def _rates(before: float, after: float) -> str:
    return f"{after:g} Hz" if before == after else f"{before:g} → {after:g} Hz"


def _band(filters: Mapping[str, Any]) -> str:
    low, high = filters.get("l_freq"), filters.get("h_freq")
    return f"{'0' if low is None else f'{low:g}'}–{'open' if high is None else f'{high:g}'} Hz"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
