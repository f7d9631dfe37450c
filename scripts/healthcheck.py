"""Exit with 0 when the site of this machine says that it is well (HEALTHCHECK of the image)."""

import http.client
import os
import sys

TIMEOUT_SECONDS = 4


def main() -> int:
    """Ask `/etat/` by a name that ALLOWED_HOSTS accepts."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    name = "localhost" if host == "*" else host.lstrip(".")
    port = int(os.environ.get("PORT", "8000"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/etat/", headers={"Host": name})
        return 0 if connection.getresponse().status == http.client.OK else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
