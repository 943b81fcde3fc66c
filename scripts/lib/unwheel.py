"""Unpacks part of a Python wheel: unwheel.py WHEEL FOLDER PATTERN...

A wheel is a zip file. `unzip` may be missing where Python is not, and Python's own `zipfile` command
drops the executable bit. A pattern that matches nothing is an error: the pins are then out of date.
"""

import fnmatch
import os
import sys
import zipfile


def main() -> None:
    wheel, folder, *patterns = sys.argv[1:]
    with zipfile.ZipFile(wheel) as archive:
        for pattern in patterns:
            members = [
                info
                for info in archive.infolist()
                if not info.is_dir() and fnmatch.fnmatchcase(info.filename, pattern)
            ]
            if not members:
                sys.exit(f"{os.path.basename(wheel)} has no file like {pattern}")
            for info in members:
                path = archive.extract(info, folder)
                mode = (info.external_attr >> 16) & 0o777
                if mode:
                    os.chmod(path, mode | 0o200)


main()
