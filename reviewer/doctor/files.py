"""What lies under a path: how much room, on what kind of file system, and who may read it."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
SHARED = {
    *("9p", "afs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    *("glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs", "vboxsf"),
}


def free(folder: Path) -> int | None:
    """Bytes; None where it cannot be told."""
    try:
        return shutil.disk_usage(_existing(folder)).free
    except OSError:
        return None


def filesystem_of(folder: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system, "" where the machine does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
        there = str(folder.resolve())
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        inside = there == point or there.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def shared(kind: str) -> bool:
    return kind in SHARED


def open_to_others(file: Path) -> bool:
    """Whether other users of the machine may read it."""
    if os.name != "posix":
        return False
    try:
        return bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def in_words(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1_000:
            return f"{size:.0f} {unit}"
        size /= 1_000
    return f"{size:,.1f} GB"


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    for each in (folder, *folder.parents):
        if each.exists():
            return each
    return folder
