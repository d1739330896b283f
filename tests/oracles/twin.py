"""An independent twin of the chip: one plain loop in float64 NumPy, sharing only the draws."""

import numpy as np


def forward_cost(theta, x, y):
    """Cross-entropy of a tanh network with one hidden layer, for one sample."""
    (b1, w1), (b2, w2) = theta
    output = np.tanh(x @ w1 + b1) @ w2 + b2
    return np.log(np.exp(output - output.max()).sum()) + output.max() - output[y]


def lift(f, *trees):
    """Applies f to the arrays of every layer."""
    return [[f(*leaves) for leaves in zip(*p, strict=True)] for p in zip(*trees, strict=True)]


def twin(theta, gain, draws, x, y, tau, amplitude, rate, steps, reference, broadcast):
    """Runs the timesteps of the algorithm and returns the weights the network sees after each.

    Args:
        theta: [[b1, w1], [b2, w2]]; gain likewise, what multiplies the applied perturbation.
        draws: code(slot), cost(n), reference(n), update(window), write(window).
        x, y: Samples in the order in which they are shown.
        tau: (τ_x, τ_p, τ_θ).
    """
    tau_x, tau_p, tau_theta = tau
    seen, hidden = theta, theta
    total, heard = lift(np.zeros_like, theta), 0
    meter, readings, cost_0 = 0.0, 0, 0.0
    synapses = sum(leaf.size for pair in theta for leaf in pair)
    s = 1 / np.sqrt(1 + (synapses - 1) * tau_p / tau_theta)
    trace = []
    for n in range(steps):
        xn, yn = x[n // tau_x], y[n // tau_x]
        kick = lift(lambda sign: amplitude * sign, draws.code(n // tau_p))
        applied = lift(np.multiply, kick, gain)
        cost = forward_cost(lift(np.add, seen, applied), xn, yn) + draws.cost(n)
        if reference == "central":
            low = forward_cost(lift(np.subtract, seen, applied), xn, yn) + draws.reference(n)
            delta = (cost - low) / 2
        else:
            if reference == "two_pass" or n % tau_x == 0 or n % tau_theta == 0:
                cost_0 = forward_cost(seen, xn, yn) + draws.reference(n)
            delta = cost - cost_0
        meter, readings = meter + delta, readings + 1
        if broadcast == "timestep" or (n + 1) % tau_p == 0:
            delta_cost, meter, readings = meter / readings, 0.0, 0
            total = lift(lambda g, k, d=delta_cost: g + d * k / amplitude**2, total, kick)
            heard += 1
        if (n + 1) % tau_theta == 0:
            window = n // tau_theta
            scale = -rate * s / heard
            request = lift(lambda g, scale=scale: scale * g, total)
            hidden = lift(lambda *terms: sum(terms), hidden, request, draws.update(window))
            seen = lift(np.add, hidden, draws.write(window))
            total, heard = lift(np.zeros_like, theta), 0
        trace.append(seen)
    return trace
