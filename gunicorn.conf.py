"""How gunicorn serves TPS in production: `gunicorn --config gunicorn.conf.py tps.wsgi`."""

import multiprocessing
import os
from pathlib import Path

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
# A page waits on PostgreSQL more than it computes: a few threads for each process.
workers = int(os.environ.get("WEB_CONCURRENCY", multiprocessing.cpu_count() + 1))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
# Heartbeats in memory: on a busy disk they would come late, and kill healthy workers.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 -- not a secret
preload_app = True
max_requests = 5000
max_requests_jitter = 500
timeout = 60
graceful_timeout = 30
keepalive = 5
# The most it takes: a prefilled link holds up to 8 000 characters.
limit_request_line = 8190
accesslog = "-"
# No query and no referrer: they hold names that were searched, and links of our emails.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(M)s ms "%(a)s"'
logger_class = "tps.logs.AccessLogger"
