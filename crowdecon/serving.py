"""Gunicorn's settings: pages and API are WSGI, two processes of four threads (measured best for two cores)."""

import os
from typing import Any

from crowdecon.embedded import process

wsgi_app = "crowdecon.wsgi:application"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 10
keepalive = 5
# An idle worker would otherwise look hung where /tmp is on a slow disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
max_requests = 20_000
max_requests_jitter = 2_000
errorlog = "-"
accesslog = None
control_socket_disable = True


def post_fork(server: object, worker: object) -> None:
    """A worker ends with its master, even when that is killed outright."""
    process.end_with_parent()


def pre_request(worker: object, request: Any) -> None:
    """After a body that nobody may have read to its end, the answer says that the connection closes.

    Gunicorn says "keep-alive" before it knows, drops an application's own "Connection", and then closes.
    """
    from kernel.uploads import READ_OUT

    headers = dict(request.headers)
    length = headers.get("CONTENT-LENGTH", "0")
    if "TRANSFER-ENCODING" in headers or (length.isdecimal() and int(length) > READ_OUT):
        request.force_close()
