"""A crossbar as the resistor network that it is, solved by Kirchhoff's laws."""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve


def effective_conductance(conductance, wire):
    """Returns the (rows, columns) current at the end of each column per volt on each row.

    Args:
        conductance: (rows, columns) of the cells [S].
        wire: Resistance of a piece of wire between neighbours, driver and sense included [Ω].
    """
    rows, columns = conductance.shape
    row_node = np.arange(rows * columns).reshape(rows, columns)
    column_node = row_node + rows * columns
    pairs = [
        (row_node, column_node, conductance),
        (row_node[:, :-1], row_node[:, 1:], np.full((rows, columns - 1), 1 / wire)),
        (column_node[:-1], column_node[1:], np.full((rows - 1, columns), 1 / wire)),
    ]
    size = 2 * rows * columns
    laplacian = sparse.csr_matrix((size, size))
    for one, other, value in pairs:
        i, j, g = one.ravel(), other.ravel(), value.ravel()
        entries = np.concatenate([g, g, -g, -g])
        where = np.concatenate([i, j, i, j]), np.concatenate([i, j, j, i])
        laplacian = laplacian + sparse.csr_matrix((entries, where), (size, size))
    # Drivers before the first column, virtual ground behind the last row.
    ends = np.zeros(size)
    ends[row_node[:, 0]] = ends[column_node[-1]] = 1 / wire
    drives = np.zeros((size, rows))
    drives[row_node[:, 0], np.arange(rows)] = 1 / wire
    nodes = spsolve((laplacian + sparse.diags(ends)).tocsc(), drives)
    return nodes[column_node[-1]].T / wire
