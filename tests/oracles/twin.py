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


def analog_twin(theta, gain, draws, x, y, tau, high_pass, amplitude, rate, steps):
    """Runs continuous time by the two filters as they are written down, one timestep at a time.

    Args:
        theta: As for ``twin``; so are gain, x and y.
        draws: code(slot), cost(n), update(n), write(n).
        tau: (τ_x, τ_p, τ_θ); the last is the time constant of the low-pass.
        high_pass: τ_hp.
    """
    tau_x, tau_p, tau_theta = tau
    seen, hidden = theta, theta
    estimate = lift(np.zeros_like, theta)
    share = high_pass / (high_pass + 1)
    synapses = sum(leaf.size for pair in theta for leaf in pair)
    s = 1 / np.sqrt(1 + (synapses - 1) * tau_p / tau_theta)
    passed = previous = 0.0
    trace = []
    for n in range(steps):
        kick = lift(lambda sign: amplitude * sign, draws.code(n // tau_p))
        kicked = lift(np.add, seen, lift(np.multiply, kick, gain))
        cost = forward_cost(kicked, x[n // tau_x], y[n // tau_x]) + draws.cost(n)
        if n % tau_x == 0:
            previous = cost
        passed, previous = share * passed + share * (cost - previous), cost
        product = lift(lambda k, c=passed: c * k / amplitude**2, kick)
        estimate = lift(lambda e, g: (e + tau_theta * g) / (tau_theta + 1), product, estimate)
        request = lift(lambda g: -rate * s / tau_theta * g, estimate)
        # Who is asked for nothing is not written.
        moved = lift(lambda r, noise: r + noise * (r != 0), request, draws.update(n))
        hidden = lift(np.add, hidden, moved)
        fresh = lift(np.add, hidden, draws.write(n))
        seen = lift(lambda r, new, old: np.where(r != 0, new, old), request, fresh, seen)
        trace.append(seen)
    return trace
