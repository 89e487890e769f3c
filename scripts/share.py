"""Hand on recorded runs without the app: one HTML file, spans, benchmark records or a table.

    python scripts/share.py RUN [RUN ...] --html FILE | --otlp FILE | --aiperf FILE | --csv FILE | --json FILE
    python scripts/share.py --all --csv runs.csv

RUN is a recording's id in the data folder (see --list), or the file of a run. --html takes one run.
Exit status: 0 done, 1 no run could be read or a file not be written, 2 wrong arguments.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.recordings import Recording, UnknownRecording, kept_text, read_run, recordings
from app.sharing import SharedRun, aiperf_lines, html_page, otlp_json, read_runs, runs_csv, runs_json, shared_run
from scripts.named_inputs import ResultUnwritable, write_result
from scripts.stopping import ended

MANY: dict[str, Callable[..., str]] = {"otlp": otlp_json, "aiperf": aiperf_lines, "csv": runs_csv, "json": runs_json}


def load(run: str) -> Recording:
    if Path(run).is_file():
        return read_run(Path(run).read_bytes())
    if not run.isalnum():
        raise UnknownRecording("There is no such file, and no id of a recording is spelled so (see --list).")
    return recordings().load_ended(run)


def _shared(recording: Recording, with_book: bool) -> SharedRun:
    """Only the HTML file tells what of an answer stands in the book."""
    return shared_run(recording, kept_text(recordings(), recording.header.book) if with_book else None)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("runs", nargs="*", metavar="RUN", help="a recording's id, or the file of a run")
    parser.add_argument("--all", action="store_true", help="every recording of the data folder")
    parser.add_argument("--list", action="store_true", help="print the ids, newest first")
    for form in ("html", *MANY):
        parser.add_argument(f"--{form}", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    kept = recordings().entries() if options.list or options.all else []
    if (options.list or options.all) and not kept:
        print(f"No run is kept in {recordings().folder}.", file=sys.stderr)
        return 0 if options.list else 1
    if options.list:
        for entry in kept:
            print(entry.run_id, " ".join(entry.question.split())[:80])
        return 0
    ids = [entry.run_id for entry in kept] if options.all else options.runs
    wanted = [form for form in ("html", *MANY) if getattr(options, form)]
    if not ids or not wanted or (options.html and len(ids) != 1):
        parser.error("name runs (or --all) and a form with its file; --html takes exactly one run")
    shared, left_out = read_runs(
        [(run, Path(run).name) for run in ids], lambda run: _shared(load(run), bool(options.html))
    )
    for one in left_out:
        print(f"{'warning' if shared else 'error'}: {one.name} is left out: {one.why}", file=sys.stderr)
    if not shared:
        return 1
    for form in wanted:
        text = html_page(shared[0], recordings().blob) if form == "html" else MANY[form](shared, left_out)
        path: Path = getattr(options, form)
        try:
            write_result(path, text)
        except ResultUnwritable as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(ended("share", main))
