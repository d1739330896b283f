"""Trained weights as a file for others: NumPy's, or safetensors."""

import io
import json
from pathlib import Path

import jax
import numpy as np

from neuromgd import disk
from neuromgd.errors import InputError
from neuromgd.fleet.processes import to_host
from neuromgd.shown import short
from neuromgd.study.trained import Run

ENDINGS = (".npz", ".safetensors")


def network_weights(run: Run) -> dict[str, np.ndarray]:
    """Returns the weights of the network on every chip, as its forward pass takes them.

    Args:
        run: A finished run.

    Returns:
        Name such as ``Dense_0/kernel`` -> (chips, *array): what the cells show, times what a weight
        unit stands for.
    """
    scale = run.plan.design.network.weight_scale
    every = jax.tree.leaves_with_path(run.engine.weights(run.chips))
    return {
        jax.tree_util.keystr(path, simple=True, separator="/"):
            np.asarray(to_host(leaf))[: run.engine.members] * np.float32(scale)
        for path, leaf in every
    }  # fmt: skip


def export_weights(run: Run, path: str | Path) -> Path:
    """Writes the weights of the network on every chip into a file.

    Args:
        run: A finished run.
        path: Of the file, which ends in .npz or .safetensors.

    Raises:
        InputError: If it ends otherwise, the package of its format is missing, or it cannot be
            written.
    """
    path, arrays = Path(path), network_weights(run)
    if path.suffix not in ENDINGS:
        raise InputError(f"export: read {short(str(path))}, allowed endings are .npz, .safetensors")
    if path.suffix == ".npz":
        file = io.BytesIO()
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
        content = file.getvalue()
    else:
        content = _safetensors(run, arrays)
    try:
        disk.write(path, content)
    except OSError as error:
        raise InputError(
            f"export: {short(str(path))} cannot be written: {error.strerror}"
        ) from None
    return path


def _safetensors(run: Run, arrays: dict[str, np.ndarray]) -> bytes:
    try:
        from safetensors.numpy import save
    except ImportError:
        raise InputError(
            "export: safetensors is missing: pip install 'neuromgd[safetensors]', or write .npz"
        ) from None
    facts = {"task": run.config.task, "weight_scale": run.plan.design.network.weight_scale}
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return save(whole, {"neuromgd": json.dumps(facts)})
