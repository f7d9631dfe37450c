"""Whether the port of the site is free. Also a program, run before anything is installed."""

import os
import socket
import sys

DEFAULT_PORT = 8000
HOST = "127.0.0.1"


def find_problem(port: str) -> str | None:
    """Return why nothing can listen on `port`, in one line, or None when all is well."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return f"PORT={port} n’est pas un port : donnez un nombre entre 1 et 65535."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(port)))
            probe.listen()
        except PermissionError:
            return f"Le port {port} est réservé au système : essayez « PORT=8001 make run »."
        except OSError:
            other = int(port) + 1 if int(port) < 65535 else DEFAULT_PORT
            return (
                f"Le port {port} est déjà pris : arrêtez le programme qui l’occupe, "
                f"ou choisissez-en un autre avec « PORT={other} make run »."
            )
    return None


if __name__ == "__main__":
    sys.exit(find_problem(os.environ.get("PORT", str(DEFAULT_PORT))))
