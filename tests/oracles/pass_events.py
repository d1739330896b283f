"""Brute force of forward passes on arrays: every single product is an event of its own.

Written apart from the product's code, from the words of the documentation: an array does one
product at a time; a product waits for what it needs; passes go through the network in order.
"""

import math


def pieces(sheet, rows, columns):
    """Time of one product with its layer's circuits, from the sheet's numbers [tick]."""
    row_splits = -(-rows * sheet["rows_per_weight"] // sheet["rows"])
    width = min(columns * sheet["columns_per_weight"], sheet["columns"])
    if sheet["form"] == "single":
        total = sheet["read"] + sheet["convert"]
    else:
        turns = -(-width // sheet["adcs"]) * sheet["convert"]
        total = sheet["slices"] * (sheet["read"] + turns)
    levels = 0
    while 2**levels < row_splits:
        levels += 1
    return total + levels * sheet["split_add"] + sheet["activation"]


def groups_of(network):
    """Which stages share cells, directly or through others: number of the group by stage."""
    stages = [stage for loop in network["loops"] for stage in loop["stages"]]
    group = list(range(len(stages)))
    changed = True
    while changed:
        changed = False
        for i, one in enumerate(stages):
            for j, other in enumerate(stages):
                if {m for m, _ in one} & {m for m, _ in other} and group[i] != group[j]:
                    group[i] = group[j] = min(group[i], group[j])
                    changed = True
    return group


def in_turn(sheet, network, stage, replicas):
    """Time of products side by side: each copy of an array takes its share, one by one."""
    longest = 0
    for matrix, calls in stage:
        rows, columns, _ = network["matrices"][matrix]
        most = max(c for loop in network["loops"] for s in loop["stages"]
                   for m, c in s if m == matrix)  # fmt: skip
        copies = [0] * min(replicas, most)
        for _ in range(calls):
            free = min(range(len(copies)), key=copies.__getitem__)
            copies[free] += pieces(sheet, rows, columns)
        longest = max(longest, max(copies))
    return longest


def passes(sheet, network, replicas, starts, extra):
    """Ends of passes, one after the other in order, each from a moment of its own on [tick].

    Args:
        sheet: Numbers of the platform.
        network: Matrices (rows, columns, apart) and loops of stages of (matrix, calls).
        replicas: Copies of each matrix.
        starts: When each pass may start.
        extra: Time of the cost, which serves one pass at a time.
    """
    group, free, cost_free, ends = groups_of(network), {}, 0, []
    for start in starts:
        now, first = start, 0
        for loop in network["loops"]:
            for _ in range(loop["turns"]):
                for offset, stage in enumerate(loop["stages"]):
                    where = group[first + offset]
                    begun = max(now, free.get(where, 0))
                    now = free[where] = begun + in_turn(sheet, network, stage, replicas)
            first += len(loop["stages"])
        cost_free = now = max(now, cost_free) + extra
        ends.append(now)
    return ends


def arrays(sheet, network, replicas, only=None):
    """Arrays that hold all copies of all matrices, or of one."""
    total = 0
    for number, (rows, columns, apart) in enumerate(network["matrices"]):
        if only not in (None, number):
            continue
        most = max(c for loop in network["loops"] for s in loop["stages"]
                   for m, c in s if m == number)  # fmt: skip
        down = math.ceil(rows * sheet["rows_per_weight"] / sheet["rows"])
        across = math.ceil(columns * sheet["columns_per_weight"] / sheet["columns"])
        total += down * across * apart * min(replicas, most)
    return total


def matrices_of(loop):
    """What a loop uses."""
    return {matrix for stage in loop["stages"] for matrix, _ in stage}


def writing(sheet, network, matrices):
    """Time in which matrices side by side are written, all rows of each array in turn [tick]."""
    if sheet["write_mode"] == "transfer":
        return sheet["write"]
    longest = 0
    for number in matrices:
        rows = network["matrices"][number][0] * sheet["rows_per_weight"]
        longest = max(longest, sum(sheet["write"] for _ in range(min(rows, sheet["rows"]))))
    return longest


def in_turns(sheet, network, replicas):
    """Which loops the chip holds together, and their matrices; None: one loop alone is too much.

    A chip that holds all is one turn that is never written.
    """

    def fits(matrices):
        return sum(arrays(sheet, network, replicas, one) for one in matrices) <= sheet["count"]

    loops = network["loops"]
    if sheet["count"] is None or fits(range(len(network["matrices"]))):
        return [(list(loops), set())]
    if not all(fits(matrices_of(loop)) for loop in loops):
        return None
    turns = []
    for loop in loops:
        if turns and fits(turns[-1][1] | matrices_of(loop)):
            turns[-1][0].append(loop)
            turns[-1][1].update(matrices_of(loop))
        else:
            turns.append(([loop], matrices_of(loop)))
    return turns


def two_pass(sheet, network, replicas, run):
    """A run of the two-pass schedule: one thing after the other [tick]."""
    now = 0
    everything = range(len(network["matrices"]))
    for step in range(run["steps"]):
        now += sheet["load"] if step % run["tau_sample"] == 0 else 0
        for _ in range(2):
            for _, written in in_turns(sheet, network, replicas):
                now += writing(sheet, network, written) if written else 0
            # Between writes a pass is what it is on a chip that holds all: nothing goes on beside.
            (now,) = passes(sheet, network, replicas, [now], sheet["cost"])
        now += sheet["perturb"] if step % run["tau_perturbation"] == 0 else 0
        ends = (step + 1) % run["tau_perturbation"] == 0
        now += sheet["subtract"] + sheet["broadcast"] + sheet["accumulate"] if ends else 0
        now += writing(sheet, network, everything) if (step + 1) % run["tau_update"] == 0 else 0
    return now
