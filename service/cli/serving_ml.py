"""The model behind Label Studio, served."""

from __future__ import annotations

import uvicorn

from service.api.ml_backend import build_ml_backend
from service.review.boxes import Boxes
from service.review.fetched import Fetcher
from service.settings import Settings
from service.store import Store
from vision.catalogue import load_card
from vision.detect import load_detector


def serve_ml(
    settings: Settings, store: Store, *, at: tuple[str, int], model: str, device: str
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: where Label Studio is, and what opens it.
        store: knows the keys and our own pictures.
        at: address and port.
        model: installed model, `name@version`.
        device: `cpu`, `cuda` or `auto`.

    Raises:
        AuditError: the model is not there, or cannot run here.
    """
    card = load_card(model, None)
    detector = load_detector(card, device=device)
    app = build_ml_backend(store, Boxes(detector, card, Fetcher(settings, store)))
    host, port = at
    print(f"六净 Liujing {card.id}: http://{host}:{port}/", flush=True)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
