"""The service as a process that loads nothing but itself, for `bench_api`.

It logs as `liujing serve` does; only the bound on questions is lifted.
"""

from __future__ import annotations

import uvicorn

from service.app import build_app
from service.logs import set_up_logs
from service.settings import LimitSettings, Settings
from service.store import NoBlobs, Store


def serve(where: str, port: int) -> None:
    """Run the service over a store, without a bound on questions."""
    settings = Settings(limits=LimitSettings(requests_per_minute=10_000_000))
    set_up_logs(settings.log)
    app = build_app(settings, Store(where, NoBlobs()))
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
