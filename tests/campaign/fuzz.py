"""Bytes that are no longer what they were, in all that is read: one line, at once."""

import collections
import contextlib
import gzip
import importlib
import io
import random
import re
import resource
import shutil
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from neuromgd.characterise.text import lines
from neuromgd.cli import sweep as cli_sweep
from neuromgd.cli import tolerate as cli_tolerate
from neuromgd.cli import train as cli_train
from neuromgd.data.idx import read_idx
from neuromgd.data.parquet import read_parquet
from neuromgd.data.sequences import load
from neuromgd.data.task import Source
from neuromgd.errors import InputError
from neuromgd.names import COMMANDS
from neuromgd.options.axes import axes
from neuromgd.options.config import Config
from neuromgd.options.grid import Design, kept, points, to_text
from neuromgd.options.read import from_file
from neuromgd.options.tolerance import refuse
from neuromgd.sheets import device, library, platform
from neuromgd.stamp import write_stamped
from neuromgd.study.chips_file import Piece, decode, encode
from neuromgd.study.history import History, history
from neuromgd.study.lock import MARK, make_mark, refuse_other_format
from neuromgd.study.table_file import read_rows, write_rows
from neuromgd.study.told import as_json, read_summary
from neuromgd.verdict.row import Row
from tests.campaign.damage import CHANGES
from tests.campaign.share import Share

# Seconds of a processor after which a reader hangs, and bytes that it may not take.
PATIENCE = 5.0
MOST = 1 << 30

ODD = (b"\0", b"\xff" * 4, b"[" * 50, b"9" * 400, b"\x1b[2J", b"nan", b"1e400", b"-", b"=", b"\n\n")

# Share of command lines, whose reading takes a hundred times as long as that of a file.
LINES = 0.02

# What a sheet or an option may say, and hardly any does.
EXTREME = (b"1e-300", b"1e300", b"0", b"-1", b"1e9", b"1e-9", b"255", b"65536", b"0.5", b"true")
_NUMBER = re.compile(rb"(?<![\w.])-?\d+(\.\d+)?(e-?\d+)?(?![\w.])")


def fuzzed(number: int, folder: Path, share: Share) -> collections.Counter:
    """Reads so many damaged files and command lines, and counts what came of them."""
    counts: collections.Counter = collections.Counter()
    folder = folder / "fuzz"
    folder.mkdir()
    files, lines = (list(one(folder).items()) for one in (seeds, command_lines))
    most = _peak() + MOST  # a test's process has programs in it
    for _, draw in share.turns("fuzz", number):
        name, (content, read) = draw.choice(lines if draw.random() < LINES else files)
        content = changed(content, draw)
        begun = time.process_time()
        came = _came(read, content)
        if time.process_time() - begun > PATIENCE:
            came = "slow"
        if _peak() > most:
            counts[f"wrong: {name} takes more than 1 GB"] += 1
            break
        is_wrong = came.startswith(("wrong", "unforeseen", "slow"))
        if is_wrong and counts[f"{came}: {name}"] == 0:
            print(f"  {came}: {name}: {content[:2000]!r}", flush=True)
        counts[f"{came}: {name}" if is_wrong else f"{name}: {came}"] += 1
    return counts


def _peak() -> int:
    """Returns the most memory that this process ever held [byte]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _came(read: Callable[[bytes], object], content: bytes) -> str:
    """Returns what came of reading."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read(content)
        except InputError as error:
            return "refused" if "\n" not in str(error) else "wrong: several lines"
        except Exception as error:
            return f"unforeseen: {type(error).__name__}: {str(error)[:100]}"
    return "read"


def changed(content: bytes, draw: random.Random) -> bytes:
    """Returns content with one to four changes: of bytes, or of numbers to legal ones."""
    for _ in range(draw.randint(1, 4)):
        if content:
            content = draw.choice([*CHANGES.values(), odd, extreme, extreme])(content, draw)
    return content


def extreme(content: bytes, draw: random.Random) -> bytes:
    """Puts an extreme number in the place of another."""
    found = list(_NUMBER.finditer(content))
    if not found:
        return odd(content, draw)
    at = draw.choice(found)
    return content[: at.start()] + draw.choice(EXTREME) + content[at.end() :]


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

    part = encode({"window": 3}, [Piece("a", (4,), (0,), np.arange(4))])
    found["checkpoint"] = part, at("part", decode)
    (folder / "lines").mkdir()
    signals = b"".join(b"%d,%d.5,0.25,%d\n" % (n % 2, n, n) for n in range(8))
    (folder / "lines" / "own_TEST.csv").write_bytes(signals)
    source = Source(folder / "lines")
    found["sequences"] = signals, at("lines/own_TRAIN.csv", lambda path: load(source))
    write_rows(folder / "sweep.parquet", [{"chip": 0, "cost": 0.5, "reason": None}] * 3)
    found["sweep table"] = (
        (folder / "sweep.parquet").read_bytes(), at("sweep.parquet", read_rows)
    )  # fmt: skip
    write_stamped(folder / "sweep.toml", to_text(Design(over=["seed=1,2"]), Config()))
    found["sweep"] = (
        (folder / "sweep.toml").read_bytes(), at("sweep.toml", lambda path: kept(path.parent))
    )  # fmt: skip
    make_mark(folder)
    mark = (folder / MARK).read_bytes()
    found["mark"] = mark, at(MARK, lambda path: refuse_other_format(path.parent))
    found["summary"] = as_json({"accuracy": 0.5, "list": [1, 2]}), at("summary.json", read_summary)
    return found


def command_lines(folder: Path) -> dict[str, tuple[bytes, Callable[[bytes], object]]]:
    """Returns, by command, arguments that are sound, split by lines, and what takes them."""
    train = b"--task\nparity\n--windows\n40\n--eta\n0.1\n--bus.cost-noise\n1e-3\n--hidden\n4,4"
    over = b"--over\nbus.cost_noise=0,1e-3\n--over\nseed=1,2,3\n--design\ngrid\n--target\n80%\n"
    search = b"bus.cost_noise=log:1e-4:1\ndevice.write_noise\n--target\n0.8\n--rounds\n2\n"
    clock = (
        b"time\n--platform\npcm_14nm\n--layers\n784,64,10\n--steps\n1000\n--set\ntimes.write=5 us"
    )
    sheets = b"devices\nshow\necram_mo_kim2019\n--json"

    def words(content: bytes) -> list[str]:
        return content.decode("utf-8", "surrogateescape").split("\n")

    def sweep(content: bytes) -> None:
        given, rest = cli_sweep.split(words(content))
        design, config = cli_sweep.design_of(given), cli_train.read(rest, "sweep")
        own = Config(**{name: getattr(config, name) for name in Config.__struct_fields__})
        if all(len(axis.values) < 100 for axis in axes(design.over)):
            points(own, design)

    def tolerate(content: bytes) -> None:
        numbers, given, rest = cli_tolerate.split(words(content))
        cli_train.read(rest, "tolerate")
        refuse(cli_tolerate.asked(numbers, given))

    def whole(content: bytes) -> None:
        command, *rest = words(content)
        # What writes is left out, and what other command lines there are.
        if any(one.startswith(("--trace", "--csv", "--vcd", "--gantt", "--html", "--out", "--f",
                               "-o")) for one in rest):  # fmt: skip
            return
        if command not in ("time", "devices") or (command == "devices" and rest[:1] != ["show"]):
            return
        own, sys.argv = sys.argv, ["neuromgd", command, *rest]
        out = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace")
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                module, _ = COMMANDS[command]
                importlib.import_module(module).main(rest)
        except SystemExit as end:
            raise InputError(f"exit {end.code}") from end
        finally:
            sys.argv = own

    return {
        "train options": (train, lambda content: cli_train.read(words(content), "train")),
        "sweep options": (over + train, sweep),
        "tolerate options": (search + train, tolerate),
        "time": (clock, whole),
        "devices": (sheets, whole),
    }


def _row(n: int) -> Row:
    named = {"window": n, "step": n, "cost_per_chip": [0.5], "score_per_chip": [0.5]}
    named["delta_cost_per_chip"] = None
    return Row(**{**dict.fromkeys(Row._fields, 0.5), **named})
