"""Whether this container's process is ready: status 0, asked as another process would ask it. Standard library only."""

import os
import ssl
import sys
from http.client import HTTPConnection, HTTPSConnection

SECONDS = 2


def main() -> int:
    """The exit code."""
    certificate, port = os.environ.get("TLS_CERTIFICATE"), int(os.environ.get("PORT", "8000"))
    connection = HTTPConnection("localhost", port, timeout=SECONDS)
    if certificate:
        context = ssl.create_default_context(cafile=os.environ.get("TLS_CA"))
        context.load_cert_chain(certificate, os.environ.get("TLS_KEY") or None)
        connection = HTTPSConnection("localhost", port, timeout=SECONDS, context=context)
    connection.request("GET", "/readyz")
    return int(connection.getresponse().status != 200)


if __name__ == "__main__":
    sys.exit(main())
