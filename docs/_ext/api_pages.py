"""Write the pages of the API reference: one for each public module, one for each public name.

Nothing is listed by hand.  A module is public if its name has no underscore and it has an
``__all__``; what it names there is public.  A name that ``skmnist`` exports as well is documented
under the shorter path, which is how people import it.
"""

import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import skmnist

# "images : ndarray of shape (n_samples, *shape_)": an entry of a numpydoc section.
_ENTRY = re.compile(r"^(\s*[\w*`, ]+ : )(.+)$")
_NAME = re.compile(r"\b\w+_\b(?!`)")
_IN_BACKTICKS = re.compile(r"(`+[^`]*`+)")
# The inside of the estimators, and the commands, which docs/command-line.md documents.
_NOT_HERE = ("skmnist.cli", "skmnist.__main__")


@functools.cache
def public_modules():
    """Return the names of the public modules, sorted."""
    found = []
    for module in pkgutil.walk_packages(skmnist.__path__, "skmnist."):
        name = module.name
        if name.startswith(_NOT_HERE) or any(part.startswith("_") for part in name.split(".")):
            continue
        loaded = importlib.import_module(name)
        # A function may have the name of the module that defines it, and then hides it.
        parent, _, last = name.rpartition(".")
        shown = getattr(importlib.import_module(parent), last, loaded)
        if inspect.ismodule(shown) and hasattr(loaded, "__all__"):
            found.append(name)
    return sorted(found)


def public_names(module_name):
    """Return the full names under which the public names of a module are documented."""
    module = importlib.import_module(module_name)
    return [
        f"skmnist.{name}" if name in skmnist._EXPORTS else f"{module_name}.{name}"
        for name in module.__all__
        if not inspect.ismodule(getattr(module, name))
    ]


def first_sentence(module_name):
    """Return the summary line of a module's docstring."""
    return inspect.getdoc(importlib.import_module(module_name)).partition("\n")[0]


def describe(full_name):
    """Return what a constant holds, in a sentence."""
    module_name, _, name = full_name.rpartition(".")
    value = getattr(importlib.import_module(module_name), name)
    if not isinstance(value, Mapping | Sequence | Set) or isinstance(value, str):
        return f"``{value!r}``"
    kind = "mapping with the keys" if isinstance(value, Mapping) else type(value).__name__ + " of"
    return f"A {kind} " + ", ".join(f"``{key!r}``" for key in value) + "."


def module_page(name):
    """Return the page of a module: its docstring, and a table of its public names."""
    lines = [name, "=" * len(name), "", f".. automodule:: {name}", "   :no-members:", ""]
    lines += [".. currentmodule:: skmnist", "", ".. rubric:: Public names", ""]
    lines += [".. autosummary::", "   :toctree: ../names", ""]
    lines += [f"   ~{full.removeprefix('skmnist.')}" for full in public_names(name)]
    return "\n".join(lines) + "\n"


def contents(names):
    """Return what docs/api/index.rst includes: a table of names for each module."""
    lines = [".. toctree::", "   :hidden:", ""]
    lines += [f"   generated/modules/{name}" for name in names]
    for name in names:
        more = f":doc:`More <generated/modules/{name}>`"
        lines += ["", name, "-" * len(name), "", f"{first_sentence(name)} {more}.", ""]
        lines += [".. autosummary::", ""]
        lines += [f"   ~{full}" for full in public_names(name)]
    return "\n".join(lines) + "\n"


def _write(path, text):
    """Write a file unless it holds the text already, so that Sphinx need not read it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def write_pages(app, config):
    """Write all pages, and tell numpydoc the names, so that it links them in types."""
    folder = Path(app.srcdir, "api", "generated")
    names = public_modules()
    for name in names:
        _write(folder / "modules" / f"{name}.rst", module_page(name))
    _write(folder / "contents.inc", contents(names))
    everything = [full for name in names for full in public_names(name)]
    for full in everything:
        config.numpydoc_xref_aliases.setdefault(full.rpartition(".")[2], f":obj:`~{full}`")
    # For docs/_templates/autosummary/base.rst; constants have no docstrings.
    config.autosummary_context["descriptions"] = {full: describe(full) for full in everything}


@functools.cache
def _documented():
    """Return the full names of the documented objects, by what tells the objects apart."""
    names = {}
    for module_name in public_modules():
        for full in public_names(module_name):
            parent, _, last = full.rpartition(".")
            names[id(getattr(importlib.import_module(parent), last))] = full
    return names


def _objects(target, module_name):
    """Yield what a name may stand for in a docstring of a module."""
    for full in (target, f"{module_name}.{target}", f"skmnist.{target}"):
        parent, _, last = full.rpartition(".")
        try:
            yield getattr(importlib.import_module(parent), last)
        except (AttributeError, ImportError, ValueError):
            continue


def link_other_paths(app, env, node, contnode):
    """Find the page of a public name that a docstring calls by another path than that page has."""
    if node.get("refdomain") != "py":
        return None
    documented, target = _documented(), node["reftarget"]
    found = {documented.get(id(value)) for value in _objects(target, node.get("py:module"))}
    # The tables of this reference show summaries, which know of no module.
    found |= {full for full in documented.values() if full.rpartition(".")[2] == target}
    found.discard(None)
    if len(found) != 1:
        return None
    domain, docname = env.get_domain("py"), node.get("refdoc", "")
    return domain.resolve_xref(env, docname, app.builder, "obj", found.pop(), node, contnode)


def quote_names_in_types(app, what, name, obj, options, lines):
    """Escape what types say in plain text and reST would take for a link or for emphasis."""
    for i, line in enumerate(lines):
        entry = _ENTRY.match(line)
        if entry:
            parts = _IN_BACKTICKS.split(entry[2])
            parts[::2] = [_NAME.sub(r"`\g<0>`", part) for part in parts[::2]]
            parts[::2] = [part.replace("*", r"\*") for part in parts[::2]]
            lines[i] = entry[1] + "".join(parts)


def skip_members_of_keras(app, what, name, obj, skip, options):
    """Leave out what a class inherits from Keras: it has pages of its own, in Markdown."""
    function = inspect.unwrap(getattr(obj, "fget", None) or obj)
    if str(getattr(function, "__module__", None)).startswith(("keras", "tensorflow")):
        return True
    return None


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    # Before numpydoc, which copies the aliases, and before autosummary looks for files.
    app.connect("config-inited", write_pages, priority=100)
    app.connect("autodoc-process-docstring", quote_names_in_types, priority=100)
    app.connect("missing-reference", link_other_paths)
    app.connect("autodoc-skip-member", skip_members_of_keras)
    return {"parallel_read_safe": True}
