"""The Celery application: queues are named in `settings.CELERY_TASK_ROUTES`."""

import os

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tps.settings")


class ResilientTask(DjangoTask):
    """A task whose queueing after commit cannot fail the request that asked for it.

    The row written in the transaction is the truth; when Redis is down, the beat job
    that sweeps the outbox queues it again.
    """

    def delay_on_commit(self, *args, **kwargs) -> None:
        """Queue the task after commit; a broker that is down is logged, never raised."""
        # A lambda, as Django names what failed by its `__qualname__`, which a partial has not.
        transaction.on_commit(lambda: self.delay(*args, **kwargs), robust=True)

    def apply_async_on_commit(self, *args, **kwargs) -> None:
        """Like `delay_on_commit`, with the options of `apply_async`."""
        transaction.on_commit(lambda: self.apply_async(*args, **kwargs), robust=True)


app = Celery("tps", task_cls=ResilientTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
