"""Copies the licence texts of all crates that a program of this workspace may be linked of, out of what `cargo metadata` prints.

Usage: cargo metadata --format-version 1 | python3 licences.py FOLDER

FOLDER gets a file CRATE-VERSION.txt for each, and LIST.txt with all of them and the licences that they name. A crate that brings
no text is in the list alone: its licence is one of the well-known ones, whose texts others bring.
"""

import json
import sys
from pathlib import Path

# Two levels: some crates keep the licence of the C++ that they bring in a folder of its own.
PATTERNS = [f"{folder}{name}*" for folder in ("", "*/", "*/*/") for name in ("LICEN[CS]E", "COPYING", "NOTICE", "[Ll]icen[cs]e")]


def linked(metadata):
    """The packages that normal dependencies lead to from the workspace, those for tests and for building left out."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, to_see = set(), list(metadata["workspace_members"])
    while to_see:
        package = to_see.pop()
        if package in found:
            continue
        found.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                to_see.append(dependency["pkg"])
    return found


def main():
    folder = Path(sys.argv[1])
    metadata = json.load(sys.stdin)
    members = set(metadata["workspace_members"])
    wanted = linked(metadata) - members
    lines = []
    for package in sorted(metadata["packages"], key=lambda package: (package["name"], package["version"])):
        if package["id"] not in wanted:
            continue
        name = f"{package['name']}-{package['version']}"
        lines.append(f"{name}  {package['license'] or package['license_file']}  {package['repository'] or ''}".rstrip())
        source = Path(package["manifest_path"]).parent
        texts = sorted({path for pattern in PATTERNS for path in source.glob(pattern) if path.is_file()})
        text = "\n\n".join(f"== {path.relative_to(source)}\n\n{path.read_text(errors='replace')}" for path in texts)
        if text:
            (folder / f"{name}.txt").write_text(text)
    (folder / "LIST.txt").write_text("\n".join(lines) + "\n")


main()
