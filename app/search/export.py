"""A search as files: the front's settings in Glyph's own format with their scores and provenance, all trials as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from app.search.study import SearchStudy
from app.search.values import Arm, Candidate

_COLUMNS = (
    "arm",
    "number",
    "generation",
    "by",
    "parents",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "items",
    "compression",
    "held_out_accuracy",
    "on_front",
    "reason",
)


def front_settings(study: SearchStudy, arm: Arm, number: int) -> str:
    """One setting as a file that Glyph's script and the Pages screen read; where it comes from stands under "_search"."""
    candidate = next(one for one in study.candidates(arm) if one.number == number)
    told = {
        "search": study.id,
        "documents": study.header.title,
        "reader": study.header.reader,
        "critic": study.header.critic,
        "arm": arm.value,
        "number": number,
        "by": candidate.proposal.by,
        "reason": candidate.proposal.reason,
        "accuracy": candidate.score.accuracy,
        "accuracy_95": [candidate.score.low, candidate.score.high],
        "items": candidate.score.n,
        "compression": candidate.score.compression,
        "held_out_accuracy": candidate.held_out.accuracy if candidate.held_out else None,
    }
    settings = study.settings(arm, number).to_mapping()
    return json.dumps({**settings, "_search": told}, indent=2, ensure_ascii=False) + "\n"


def trials_csv(study: SearchStudy) -> str:
    """Every scored setting of every arm, a row each, with its genes in columns of their own."""
    genes = [factor.name for factor in study.space.factors]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*_COLUMNS, *genes])
    for arm in study.header.plan.arms:
        state = study.state(arm)
        on_front = {one.number for one in state.front}
        for one in state.candidates:
            values = one.proposal.genome.to_mapping()
            writer.writerow(
                [
                    arm.value,
                    one.number,
                    one.generation,
                    _cell(one.proposal.by),
                    " ".join(map(str, one.proposal.parents)),
                    one.score.accuracy,
                    one.score.low,
                    one.score.high,
                    one.score.n,
                    one.score.compression,
                    one.held_out.accuracy if one.held_out else "",
                    int(one.number in on_front),
                    _cell(one.proposal.reason),
                    *(values.get(gene, "") for gene in genes),
                ]
            )
    return out.getvalue()


def study_json(study: SearchStudy) -> str:
    """The whole study: what it was begun with, every trial, every word of the critic."""
    arms = {arm.value: _arm(study, arm) for arm in study.header.plan.arms}
    return json.dumps({"search": study.id, **asdict(study.header), "arms": arms}, indent=1, ensure_ascii=False)


def _arm(study: SearchStudy, arm: Arm) -> dict[str, Any]:
    state = study.state(arm)
    return {
        "hypervolume": list(state.areas),
        "held_out_hypervolume": state.held_out_area,
        "screened_out": state.screened,
        "front": [one.number for one in state.front],
        "trials": [_trial(one) for one in state.candidates],
        "advice": [
            {
                "generation": generation,
                "by": advice.by,
                "analysis": advice.analysis,
                "proposed": len(advice.proposals),
                "refused": list(advice.refused),
                "trouble": advice.trouble,
            }
            for generation, advice in state.advice
        ],
    }


def _trial(one: Candidate) -> dict[str, Any]:
    return {
        "number": one.number,
        "generation": one.generation,
        "by": one.proposal.by,
        "parents": list(one.proposal.parents),
        "reason": one.proposal.reason,
        "genes": one.proposal.genome.to_mapping(),
        "score": asdict(one.score),
        "held_out": asdict(one.held_out) if one.held_out else None,
        "misread": [asdict(misread) for misread in one.misread],
    }


def _cell(text: str) -> str:
    """A spreadsheet takes a leading = + - @ for a formula: a critic's words are no formulas."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
