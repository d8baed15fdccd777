"""`python -m deploy.local.issuer --host 127.0.0.1 --port P --keys FOLDER`: runs the sign-in of one machine."""

import argparse
import sys
from pathlib import Path

import uvicorn

from deploy.local.issuer.app import create_app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        app = create_app(f"http://{arguments.host}:{arguments.port}", arguments.keys)
    except ValueError as refused:
        sys.exit(str(refused))
    uvicorn.run(app, host=arguments.host, port=arguments.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
