"""`python -m deploy.compose.pin_images`: writes the digest behind each image's tag into the files that name it.

It asks the registries through Docker (`docker buildx imagetools inspect`): a tag can move, a digest cannot.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = (ROOT / "docker-compose.yml", ROOT / "deploy" / "Dockerfile")
IMAGE = re.compile(
    r"^(?P<before>(?:FROM|\s+image:) )(?P<tagged>[\w./-]+:[\w.-]+)(?:@sha256:[0-9a-f]{64})?(?P<after>.*)$", re.MULTILINE
)
OWN = "simpul:local"
DIGEST = re.compile(r"^sha256:[0-9a-f]{64}\Z")


def digest_of(image: str) -> str:
    """Of the index, for every architecture. Raises CalledProcessError, ValueError for an answer that is no digest."""
    command = ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    if not DIGEST.match(answer):
        raise ValueError(f"no digest of {image}: {answer[:80]!r}")
    return answer


def pinned(text: str) -> str:
    """The text with today's digest behind each tag. Raises as `digest_of` does."""
    digests = {
        tagged: digest_of(tagged) for tagged in sorted({match["tagged"] for match in IMAGE.finditer(text)} - {OWN})
    }

    def pin(match: re.Match[str]) -> str:
        digest = digests.get(match["tagged"])
        return match["before"] + match["tagged"] + (f"@{digest}" if digest else "") + match["after"]

    return IMAGE.sub(pin, text)


def main(files: tuple[Path, ...] = FILES) -> None:
    """Every file or none."""
    texts = {file: pinned(file.read_text()) for file in files}
    for file, text in texts.items():
        file.write_text(text)


if __name__ == "__main__":
    main(tuple(Path(name) for name in sys.argv[1:]) or FILES)
