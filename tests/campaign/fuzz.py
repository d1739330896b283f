"""Bytes that are no longer what they were, in all that is read: one line, at once."""

import collections
import gzip
import io
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from neuromgd.characterise.text import lines
from neuromgd.data.idx import read_idx
from neuromgd.data.parquet import read_parquet
from neuromgd.errors import InputError
from neuromgd.options.read import from_file
from neuromgd.sheets import device, library, platform
from neuromgd.study.chips_file import Piece, decode, encode
from neuromgd.study.history import History, history
from neuromgd.study.told import as_json, read_summary
from neuromgd.verdict.row import Row
from tests.campaign.damage import CHANGES

# Seconds after which a reader hangs.
PATIENCE = 5.0

ODD = (b"\0", b"\xff" * 4, b"[" * 50, b"9" * 400, b"\x1b[2J", b"nan", b"1e400", b"-", b"=", b"\n\n")


def fuzzed(number: int, folder: Path, draw: random.Random) -> collections.Counter:
    """Reads so many damaged files, and counts what came of them."""
    counts: collections.Counter = collections.Counter()
    folder = folder / "fuzz"
    folder.mkdir()
    kinds = seeds(folder)
    for place in range(number):
        name, (content, read) = draw.choice(list(kinds.items()))
        for _ in range(draw.randint(1, 4)):
            if content:
                content = draw.choice([*CHANGES.values(), odd])(content, draw)
        begun = time.monotonic()
        try:
            read(content)
            came = "read"
        except InputError as error:
            came = "refused" if "\n" not in str(error) else "wrong: several lines"
        except Exception as error:
            (folder / f"unforeseen-{place}").write_bytes(content)
            came = f"unforeseen: {type(error).__name__}: {str(error)[:100]}"
        if time.monotonic() - begun > PATIENCE:
            came = "slow"
        counts[f"{came}: {name}" if came.startswith(("wrong", "unf", "slow")) else came] += 1
    return counts


def odd(content: bytes, draw: random.Random) -> bytes:
    """Puts something odd at a random place."""
    place = draw.randrange(len(content) + 1)
    return content[:place] + draw.choice(ODD) + content[place + draw.randrange(3) :]


def seeds(folder: Path) -> dict[str, tuple[bytes, Callable[[bytes], object]]]:
    """Returns, by kind, sound content and what reads it."""
    shutil.copytree(library.folder("devices") / "tables", folder / "tables")

    def at(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        def written(content: bytes) -> object:
            (folder / name).write_bytes(content)
            return read(folder / name)

        return written

    found = {}
    for name in ("ecram_mo_kim2019", "pcm_joshi2020", "dwmtj_stt300_lut"):
        content = library.locate("devices", name).read_bytes()
        found[name] = content, at(f"{name}.toml", lambda path: device.load(str(path)).cell())
    content = library.locate("platforms", "pcm_14nm").read_bytes()
    found["platform"] = content, at("pcm_14nm.toml", lambda path: platform.load(str(path)))
    config = (
        b'task = "digits"\nseed = 3\nhidden = [8]\n[bus]\ncost_noise = 1e-3\ndelta_bits = "none"\n'
    )
    found["configuration"] = config.replace(b"hidden = [8]\n", b""), at("c.toml", from_file)
    idx = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3]) + bytes(range(18))
    found["idx"] = idx, at("i", read_idx)
    found["gzip"] = gzip.compress(idx), at("i.gz", read_idx)
    sink = io.BytesIO()
    pq.write_table(pa.table({"image": [{"bytes": b"x"}], "label": [1]}), sink)
    parquet = lambda path: read_parquet(path, "image", "label", (2, 2), 10)
    found["parquet"] = sink.getvalue(), at("t.parquet", parquet)
    curve = b"pulse,conductance (uS)\n" + b"".join(b"%d,%d.5\n" % (n, n) for n in range(40))
    found["curve"] = curve, at("c.csv", lines)
    rows = History(folder, "accuracy")
    for n in (1, 2, 3):
        rows.add(_row(n), is_written=True)
    found["history"] = (
        (folder / "history.parquet").read_bytes(),
        at("history.parquet", lambda path: history(path.parent, "accuracy")),
    )
    import numpy as np

    kept = encode({"window": 3}, [Piece("a", (4,), (0,), np.arange(4))])
    found["checkpoint"] = kept, at("part", decode)
    found["summary"] = as_json({"accuracy": 0.5, "list": [1, 2]}), at("summary.json", read_summary)
    return found


def _row(n: int) -> Row:
    named = {"window": n, "step": n, "cost_per_chip": [0.5], "score_per_chip": [0.5]}
    named["delta_cost_per_chip"] = None
    return Row(**{**dict.fromkeys(Row._fields, 0.5), **named})
