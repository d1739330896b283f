"""Compiled programs on disk under a checksum of their bytes and of the program they answer for.

JAX names an entry by a hash of what it computes, and runs what it unpacks. Here an entry
that was damaged, or that lies under the name of another, is none, and is compiled anew.
"""

import contextlib
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

_MODULE = "jax._src.compilation_cache"
# Tells entries with a checksum from those that JAX writes itself.
_OWN = "-sha256"
_LENGTH = hashlib.sha256().digest_size


class Checked:
    """A cache of JAX's interface, ``get`` and ``put``, around another.

    Attributes:
        inner: Where bytes are kept.
    """

    def __init__(self, inner: Any):
        self.inner = inner
        self._path = inner._path  # JAX logs it

    def get(self, key: str) -> bytes | None:
        """Returns what was put under a key; None: nothing, or no longer what it was."""
        entry = self.inner.get(key + _OWN)
        if entry is None or entry[:_LENGTH] == _checksum(key, entry[_LENGTH:]):
            return entry and entry[_LENGTH:]
        # What is there is never written over.
        with contextlib.suppress(OSError):
            (self._path / f"{key}{_OWN}-cache").unlink()
        return None

    def put(self, key: str, value: bytes) -> None:
        """Keeps bytes under a key."""
        self.inner.put(key + _OWN, _checksum(key, value) + value)


def check_programs() -> None:
    """Lets JAX read and write the programs that it keeps through ``Checked``; imports no JAX.

    A JAX that keeps them in another way than the one this was written for is left alone.
    """
    if _MODULE in sys.modules:
        _install(sys.modules[_MODULE])
    elif not any(isinstance(one, _Waiting) for one in sys.meta_path):
        sys.meta_path.insert(0, _Waiting())


class _Waiting(importlib.abc.MetaPathFinder):
    """Waits until JAX imports the module that keeps programs."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: Any):
        self._inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        _install(module)


def _install(module: Any) -> None:
    made = getattr(module, "get_file_cache", None)
    if made is None or hasattr(made, "checks_programs"):
        return

    def get_file_cache(path: str) -> Any:
        found = made(path)
        return found and (Checked(found[0]), found[1])

    get_file_cache.checks_programs = True  # pyright: ignore[reportFunctionMemberAccess]
    module.get_file_cache = get_file_cache
    if getattr(module, "_cache", None) is not None:
        module._cache = Checked(module._cache)


def _checksum(key: str, value: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + value).digest()
