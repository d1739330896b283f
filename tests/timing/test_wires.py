"""Broadcast topologies and links against the worked examples and against counting by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.sheets.platform_schema import Broadcast, Entry, Links
from neuromgd.timing import wires

SYNAPSES = 101_770  # 784-128-10


def pitch(micrometres):
    return Entry(
        value=micrometres, unit="um", spans="synapse to synapse", basis="assumed", source="test"
    )


def broadcast(topology, **more):
    return Broadcast(topology=topology, word_bits=1, basis="assumed", source="test", **more)


@pytest.mark.parametrize(
    ("micrometres", "ns_per_mm", "fj_per_bit_mm", "path_ns", "tree_nj", "comb_nj"),
    [
        (30, 0.331, 147, 3.2, 1.08, 0.45),
        (15, 0.661, 93.7, 3.2, 0.34, 0.14),
        (10, 0.653, 82.9, 2.1, 0.20, 0.08),
        (6, 0.858, 53.4, 1.6, 0.08, 0.03),
    ],
)
def test_the_worked_example_of_four_technologies(
    micrometres, ns_per_mm, fj_per_bit_mm, path_ns, tree_nj, comb_nj
):
    tree = wires.route(broadcast("htree", pitch=pitch(micrometres)), SYNAPSES, 1, 1)
    comb = wires.route(broadcast("bus", pitch=pitch(micrometres)), SYNAPSES, 1, 1)
    assert tree.levels == 9
    assert float(tree.path) * ns_per_mm == pytest.approx(path_ns, rel=0.04)
    assert float(tree.wire) * fj_per_bit_mm * 1e-6 == pytest.approx(tree_nj, rel=0.05)
    assert float(comb.wire) * fj_per_bit_mm * 1e-6 == pytest.approx(comb_nj, rel=0.2)


def test_an_htree_is_the_sum_of_its_branches():
    """Each level halves the reach; level i has 4^i nodes with an H of three half sides."""
    edge, levels = Fraction(8), 3
    tree = wires.route(broadcast("htree", pitch=pitch(1000)), 64, 1, 1)
    assert tree.path == sum(edge / 2 ** (i + 1) for i in range(levels))
    assert tree.wire == sum(4**i * 3 * edge / 2 ** (i + 1) for i in range(levels))


@given(st.integers(1, 10**6))
def test_a_splitter_tree_reaches_every_leaf(leaves):
    levels = wires.levels_of(leaves, 2)
    assert 2**levels >= leaves
    assert levels == 0 or 2 ** (levels - 1) < leaves


@given(st.integers(1, 400))
def test_a_mesh_is_crossed_corner_to_corner(tiles):
    way = wires.route(broadcast("mesh"), 1, tiles, 1)
    width = way.levels // 2 + 1
    assert width**2 >= tiles > (width - 1) ** 2
    assert way.nodes == width**2 - 1


def test_tile_then_row_needs_less_wire_than_a_tree_to_every_synapse():
    tiles = wires.route(broadcast("tile_then_row", pitch=pitch(15)), SYNAPSES, 30, 64)
    everywhere = wires.route(broadcast("htree", pitch=pitch(15)), SYNAPSES, 30, 64)
    assert tiles.wire < everywhere.wire / 10


def test_given_wires_are_followed_to_the_farthest_end():
    edges = (("a", "b", 2.5), ("meter", "a", 1), ("a", "c", 0.5))
    way = wires.route(broadcast("graph", edges=edges), 1, 1, 1)
    assert (way.path, way.wire) == (Fraction(7, 2), Fraction(4))


@pytest.mark.parametrize(("topology", "hops"), [("tree", 3), ("ring", 7), ("star", 8)])
def test_links_of_eight_chips(topology, hops):
    links = Links(topology=topology, basis="assumed", source="test")
    assert wires.hops(links, 8) == hops
