"""What is known of a row beside its content, as one JSON object: enough to make it again."""

from typing import Any

from app.training.values import Picture, Row


def about(row: Row, images: list[str]) -> dict[str, Any]:
    """Spans: characters of the document, end exclusive. Settings: Glyph's own keys. Seeds are texts: JSON's numbers are shorter."""
    tokens = row.tokens
    return {
        "id": row.id,
        "task": str(row.task),
        "split": str(row.split),
        "seed": str(row.seed),
        "document": row.document,
        "document_sha256": row.document_sha256,
        "span": list(row.span),
        "theme": row.style.theme,
        "choices": dict(row.style.choices),
        "settings": row.style.config.to_mapping(),
        "settings_key": row.style.config.key,
        "tokens": {"text": tokens.text, "visual": tokens.visual, "marks": tokens.marks, "total": tokens.total},
        "pages": [_page(picture, image) for picture, image in zip(row.pictures, images, strict=True)],
    }


def _page(picture: Picture, image: str) -> dict[str, Any]:
    return {
        "image": image,
        "width_px": picture.width_px,
        "height_px": picture.height_px,
        "text_span": list(picture.text_span),
        "visual_tokens": picture.visual_tokens,
        "engine": picture.engine,
    }
