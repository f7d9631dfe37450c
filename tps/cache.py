"""The cache: Redis, of which nothing may depend."""

import logging

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """A Redis cache that answers like an empty one while Redis is down or refuses to write.

    The cache holds only counters of rate limits and values that can be computed again; the
    site goes on without them rather than fail.
    """

    def _forgive(self, method, default, *args, **kwargs):
        try:
            return method(*args, **kwargs)
        except RedisError as error:  # down, full, read-only…
            logger.warning("Cache ignoré : %s", type(error).__name__)
            return default

    def add(self, key, value, *args, **kwargs):
        return self._forgive(super().add, True, key, value, *args, **kwargs)

    def get(self, key, default=None, version=None):
        return self._forgive(super().get, default, key, default, version)

    def set(self, key, value, *args, **kwargs):
        return self._forgive(super().set, None, key, value, *args, **kwargs)

    def touch(self, key, *args, **kwargs):
        return self._forgive(super().touch, False, key, *args, **kwargs)

    def delete(self, key, version=None):
        return self._forgive(super().delete, False, key, version)

    def get_many(self, keys, version=None):
        return self._forgive(super().get_many, {}, keys, version)

    def has_key(self, key, version=None):
        return self._forgive(super().has_key, False, key, version)

    def incr(self, key, delta=1, version=None):
        return self._forgive(super().incr, delta, key, delta, version)

    def set_many(self, data, *args, **kwargs):
        return self._forgive(super().set_many, list(data), data, *args, **kwargs)

    def delete_many(self, keys, version=None):
        return self._forgive(super().delete_many, None, keys, version)

    def clear(self):
        return self._forgive(super().clear, False)
