"""How both models were told to answer, in words: what stands on a turn's stamp, and both system prompts whole.

In: a ComparisonSpec. Out: sentences. The pages side is named only where it was told something else than the text side.
"""

from __future__ import annotations

from dataclasses import fields

from app.clients.values import Role, SamplingSettings
from app.comparisons.values import ComparisonSpec

LABELS = {
    "system_prompt": "system prompt",
    "max_tokens": "maximum answer tokens",
    "temperature": "temperature",
    "top_p": "top p",
    "top_k": "top k",
    "repetition_penalty": "repetition penalty",
    "thinking": "thinking",
    "seed": "seed",
}
"""What people call each setting that they may choose, in the order in which it is told."""
_SHOWN_OF_A_PROMPT = 40


def answering_words(spec: ComparisonSpec) -> str:
    """A system prompt, and in what the pages side was told otherwise; "" where neither is."""
    both, pages = spec.sampling, spec.pages_sampling or spec.sampling
    told = [f"system prompt {_short(both.system_prompt)}"] if both.system_prompt else []
    others = differing(both, pages)
    if others:
        told.append(f"{Role.PAGES.called}: " + ", ".join(_said(name, pages) for name in others))
    return " · ".join(told)


def system_prompts(spec: ComparisonSpec) -> str:
    """Both sides' system prompts, whole; "" where there is none."""
    both, pages = spec.sampling, spec.pages_sampling or spec.sampling
    if both.system_prompt == pages.system_prompt:
        return f"System prompt: {both.system_prompt}" if both.system_prompt else ""
    return "\n".join(
        f"System prompt of {role.named}: {said.system_prompt or 'none'}"
        for role, said in ((Role.TEXT, both), (Role.PAGES, pages))
    )


def differing(both: SamplingSettings, pages: SamplingSettings) -> tuple[str, ...]:
    """The fields in which the two sides differ, in LABELS' order."""
    names = {one.name for one in fields(both)} & set(LABELS)
    return tuple(name for name in LABELS if name in names and getattr(both, name) != getattr(pages, name))


def _said(name: str, settings: SamplingSettings) -> str:
    value = getattr(settings, name)
    if name == "system_prompt":
        return f"system prompt {_short(value)}" if value else "no system prompt"
    if isinstance(value, bool):
        return f"{LABELS[name]} {'on' if value else 'off'}"
    return f"{LABELS[name]} {'random' if value is None else f'{value:g}'}"


def _short(prompt: str) -> str:
    words = " ".join(prompt.split())
    return f"“{words[:_SHOWN_OF_A_PROMPT].rstrip()}…”" if len(words) > _SHOWN_OF_A_PROMPT else f"“{words}”"
