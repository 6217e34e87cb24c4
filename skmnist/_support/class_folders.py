"""Class folders, which hold the pictures of a class, and the part folders that may hold them."""

from __future__ import annotations

# Folders of this name are a part of the data set rather than a class; those of the last kind are
# neither train nor test images.
_PARTS = {
    "train": ("train", "training"),
    "test": ("test", "testing", "t10k"),
    "other": ("val", "valid", "validation"),
}
# What programs leave behind in folders.
_LITTER = ("__macosx", "thumbs.db", "desktop.ini")


def folder_parts(path):
    """Find the folders that hold the class folders.

    Parameters
    ----------
    path : Path
        A folder.

    Returns
    -------
    parts : dict of {"train", "test"} to Path
        Always with "train"; without part folders, only that, and it is `path` itself.

    Raises
    ------
    OSError, ValueError
        If there is no such folder, or it holds no folders.
    """
    folders = subfolders(path)
    if not folders:
        raise ValueError(
            f"The folder '{path}' must hold one folder of pictures for each class; it holds no "
            "folders."
        )
    kinds = {}
    for folder in folders:
        kind = next((k for k, names in _PARTS.items() if folder.name.lower() in names), None)
        kinds.setdefault(kind, []).append(folder)
    # "train" may also be the name of a class; such a folder holds no folders.
    if None in kinds or "train" not in kinds or not subfolders(kinds["train"][0]):
        return {"train": path}
    parts = {kind: found for kind, found in kinds.items() if kind != "other"}
    doubled = next((found for found in parts.values() if len(found) > 1), None)
    if doubled:
        names = " and ".join(f"'{folder.name}'" for folder in doubled)
        raise ValueError(f"The folder '{path}' has {names}, which mean the same.")
    return {kind: found[0] for kind, found in parts.items()}


def is_litter(name):
    return name.startswith(".") or name.lower() in _LITTER


def subfolders(path):
    """Return the subfolders that may be classes, sorted."""
    return sorted(p for p in path.iterdir() if p.is_dir() and not is_litter(p.name))
