# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Multiplexed gradient descent, step by step
#
# A chip that trains itself has no backward pass. Every synapse kicks its own weight a little, all
# at once; the chip measures how its cost changed; that one number goes back to all synapses; and
# each multiplies it by the kick it remembers. This page does the five steps by hand, trains a
# network on handwritten digits, measures two mistakes that are easy to make, and ends with chips
# that are not ideal: noise, published memory cells, and an accelerator's clock.
#
# It retells the introductory notebook of the method's authors (McCaughan et al., APL Mach. Learn.
# 1, 026118, 2023) with this library.
#
# **As a notebook**, with its figures between the cells:
#
#     pip install -e . jupytext notebook
#     jupytext --to notebook examples/mgd_intro.py    # writes examples/mgd_intro.ipynb
#     jupyter notebook examples/mgd_intro.ipynb
#
# (JupyterLab with jupytext, VS Code, PyCharm and Spyder open the file as it is.) **As a script**
# it writes the same figures into its run folder:
#
#     python examples/mgd_intro.py                    # MNIST: some three minutes on two cores
#     python examples/mgd_intro.py --quick            # the embedded digits: one minute
#
# A notebook has no command line: what would stand there is `ARGUMENTS` below.

# %%
import argparse
import sys
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

import neuromgd as nm
from neuromgd.options.config import LearningConfig, NetworkConfig, SynapseConfig
from neuromgd.options.read import base
from neuromgd.synapse.codes.rademacher import signs

IS_NOTEBOOK = "get_ipython" in globals()
ARGUMENTS = ["--quick"] if IS_NOTEBOOK else sys.argv[1:]  # []: MNIST

parser = argparse.ArgumentParser(description="MGD step by step")
parser.add_argument("--quick", action="store_true", help="the embedded digits, short trainings")
parser.add_argument("--out", default="runs/mgd-intro", help="folder of runs and figures")
options = parser.parse_args(ARGUMENTS)
TASK, HIDDEN = ("digits", (32,)) if options.quick else ("mnist", (128, 64))
OUT = Path(options.out)


def show(figure: Figure, name: str) -> None:
    """Writes a figure into the folder and, in a notebook, shows it under its cell."""
    OUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT / f"{name}.png", dpi=110)
    if IS_NOTEBOOK:
        from IPython.display import Image, display

        display(Image(filename=str(OUT / f"{name}.png")))


# %% [markdown]
# ## Data and network
# Pixels stay bytes until they are used. The network is a plain multilayer perceptron; MGD does not
# care what it is, since it never looks inside.

# %%
task = nm.TASKS[TASK]
data = task.load(nm.Source())
x = jnp.asarray(data.train_x[:128], jnp.float32) * data.scale
y = jnp.asarray(data.train_y[:128])
network = nm.from_module(nm.MLP((*HIDDEN, 10)), data.inputs)

key = nm.root_key(seed=0, chip=0)
theta = network.initialise(key)
P = sum(leaf.size for leaf in jax.tree.leaves(theta))
print(f"{TASK}: {'-'.join(map(str, (x[0].size, *HIDDEN, 10)))}, {P:,} synapses")

figure = Figure(figsize=(8, 1.1), layout="constrained")
for image, label, axis in zip(x, y, figure.subplots(1, 10), strict=False):
    axis.imshow(image.reshape(data.inputs), cmap="gray_r")
    axis.set(title=int(label), xticks=[], yticks=[])
show(figure, "samples")

# %% [markdown]
# ## 1. A forward pass
# The cost of a sample is the cross-entropy of the outputs; a batch averages it.


# %%
def costs(theta):
    """Cost of each of the 128 samples."""
    return jax.vmap(nm.COSTS["cross_entropy"])(network.apply(theta, x), y)


cost_0 = costs(theta)
print(f"1. cost as it is                 C0 = {cost_0.mean():.6f}")

# %% [markdown]
# ## 2. Kick all synapses at once
# Each adds +Δθ or −Δθ to its weight, by its own coin, and remembers which.

# %%
AMPLITUDE = 1e-4
kick = jax.tree.map(lambda sign: AMPLITUDE * sign, nm.CODES["rademacher"].draw(key, theta, 0))

# %% [markdown]
# ## 3. The same forward pass, kicked
# The change is tiny. It is taken sample by sample before the mean, so that float32 keeps it.

# %%
cost = costs(jax.tree.map(jnp.add, theta, kick))
delta_cost = jnp.mean(cost - cost_0)
print(f"3. cost with all synapses kicked C  = {cost.mean():.6f}, ΔC = {delta_cost:+.2e}")

# %% [markdown]
# ## 4. Every synapse collects its gradient
# ΔC · θ̃/Δθ². One kick tells little — the other P − 1 synapses are noise — but the mean over T kicks
# points along the gradient: cos∠ ≈ 1/√(1 + (P−1)/T).


# %%
def flat(tree):
    return jnp.concatenate([leaf.ravel() for leaf in jax.tree.leaves(tree)])


def degrees(a, b):
    cosine = jnp.vdot(a, b) / (jnp.linalg.norm(a) * jnp.linalg.norm(b))
    return float(jnp.degrees(jnp.arccos(jnp.clip(cosine, -1, 1))))


@partial(jax.jit, static_argnums=(0, 1))
def collect(draw, count, amplitude, theta):
    """Mean of ΔC·θ̃/Δθ² over some kicks, and the ΔC of each."""

    def one(total, slot):
        sign = draw(theta, slot)
        kicked = jax.tree.map(lambda weight, s: weight + amplitude * s, theta, sign)
        delta = jnp.mean(costs(kicked) - costs(theta))
        return jax.tree.map(lambda t, s: t + delta * s / amplitude, total, sign), delta

    zeros = jax.tree.map(jnp.zeros_like, theta)
    total, deltas = jax.lax.scan(one, zeros, jnp.arange(count))
    return jax.tree.map(lambda t: t / count, total), deltas


def own_coin(theta, slot):
    """Independent signs for every synapse: each array has its own random stream."""
    return nm.CODES["rademacher"].draw(key, theta, slot)


gradient = flat(jax.grad(lambda theta: costs(theta).mean())(theta))  # only to compare with
KICKED = (1, 100, 2000)
angles, laws = [], []
for kicks in KICKED:
    estimate, _ = collect(own_coin, kicks, AMPLITUDE, theta)
    angles.append(degrees(flat(estimate), gradient))
    laws.append(np.degrees(np.arccos(1 / np.sqrt(1 + (P - 1) / kicks))))
    print(f"4. after {kicks:5} kicks: {angles[-1]:5.1f}° (law {laws[-1]:5.1f}°)")

figure = Figure(figsize=(5, 3), layout="constrained")
axis = figure.subplots()
axis.semilogx(KICKED, laws, label="law")
axis.semilogx(KICKED, angles, "o", label="measured")
axis.set(xlabel="kicks", ylabel="estimate against gradient / °", ylim=(0, 92))
axis.legend()
show(figure, "angles")

# %% [markdown]
# ## 5. Every synapse updates itself
# Against its estimate, by a step whose length does not depend on P.

# %%
estimate, _ = collect(own_coin, 100, AMPLITUDE, theta)
shorter = 1 / np.sqrt(1 + (P - 1) / 100)
after = jax.tree.map(lambda weight, g: weight - 0.3 * shorter * g, theta, estimate)
print(f"5. cost after the update              {costs(after).mean():.6f}")
assert costs(after).mean() < cost_0.mean()

# %% [markdown]
# That is all. Now two mistakes, measured.
#
# ## One random key for all arrays
# Drawing the signs of every array from the same key looks harmless. But a generator gives a short
# array the first signs of a long one: synapses share their coins, hear each other's gradients, and
# the estimate converges — to something else. A small network shows it, where kicks are cheap.


# %%
def shared_coin(theta, slot):
    """The mistake: every array draws from one key, so smaller ones copy the larger."""
    one_key = jax.random.fold_in(key, slot)
    return jax.tree.map(lambda leaf: signs(one_key, leaf.shape), theta)


network = nm.from_module(nm.MLP((8, 8, 10)), data.inputs)
small = network.initialise(key)
small_gradient = flat(jax.grad(lambda theta: costs(theta).mean())(small))
KICKS = (100 if options.quick else 20) * small_gradient.size
off = {
    draw.__name__: degrees(flat(collect(draw, KICKS, 1e-3, small)[0]), small_gradient)
    for draw in (own_coin, shared_coin)
}
print(f"one key for all arrays, {KICKS:,} kicks of {small_gradient.size:,} synapses:")
print(f"   own coins {off['own_coin']:.1f}°, shared coins {off['shared_coin']:.1f}° off")
assert off["own_coin"] < 15
assert off["shared_coin"] > 2 * off["own_coin"]

# %% [markdown]
# ## A kick below the grain of float32
# Two costs near 2.3 differ by multiples of 2.4e−7 or not at all. With ε = 1e−6 the difference of
# two mean costs is mostly that grain: here is the share of readings that are exactly zero, and the
# error against the slope along the same kicks.


# %%
@partial(jax.jit, static_argnums=0)
def readings(per_sample, amplitude):
    """ΔC of 300 kicks, and the exact change that it stands for."""

    def one(_, slot):
        sign = own_coin(theta, slot)
        kicked = jax.tree.map(lambda weight, s: weight + amplitude * s, theta, sign)
        if per_sample:
            delta = jnp.mean(costs(kicked) - costs(theta))
        else:
            delta = jnp.mean(costs(kicked)) - jnp.mean(costs(theta))
        slope = jax.jvp(lambda t: costs(t).mean(), (theta,), (sign,))[1]
        return None, (delta, amplitude * slope)

    return jax.lax.scan(one, None, jnp.arange(300))[1]


network = nm.from_module(nm.MLP((*HIDDEN, 10)), data.inputs)
zeros, errors, betters = {}, {}, {}
for amplitude in (1e-6, 1e-5, 1e-4, 1e-3):
    told, exact = readings(False, amplitude)
    careful, _ = readings(True, amplitude)
    zeros[amplitude] = float(jnp.mean(told == 0))
    errors[amplitude] = float(jnp.std(told - exact) / jnp.std(exact))
    betters[amplitude] = float(jnp.std(careful - exact) / jnp.std(exact))
    print(
        f"Δθ = {amplitude:.0e}: {100 * zeros[amplitude]:4.1f} % of ΔC exactly 0,"
        f" error {100 * errors[amplitude]:5.1f} % (per sample {100 * betters[amplitude]:5.1f} %)"
    )
# How many are exactly zero depends on the order of the processor's sums.
assert zeros[1e-6] > 0.05 > 0.03 > zeros[1e-4]
assert errors[1e-6] > 3 * errors[1e-4]

figure = Figure(figsize=(5, 3), layout="constrained")
axis = figure.subplots()
axis.loglog(list(errors), [100 * one for one in errors.values()], "o-", label="mean costs")
axis.loglog(list(betters), [100 * one for one in betters.values()], "o-", label="per sample")
axis.set(xlabel="Δθ", ylabel="error of ΔC / %")
axis.legend()
show(figure, "grain")

# %% [markdown]
# ## Training
# The same five steps, compiled: batches of 128 under one kick each, η₀/(1 + 0.1·epoch), 25 epochs.

# %%
ideal = base(is_ideal=True)
config = nm.Config(
    task=TASK, chips=1, batch=128, epochs=200 if options.quick else 25, out=str(OUT / "ideal"),
    ideal=True, network=NetworkConfig(hidden=HIDDEN), device=ideal.device, bus=ideal.bus,
    synapse=SynapseConfig(amplitude=AMPLITUDE, amplitude_spread=None),
    learning=LearningConfig(rate=0.4 if options.quick else 0.3, schedule="inverse",
                            decay=0.005 if options.quick else 0.1),
)  # fmt: skip
run = nm.train(config, may_overwrite=True)
epoch, cost, accuracy = np.transpose([(row.epoch, row.cost, row.score) for row in run.history])
print(f"trained for {epoch[-1]:.0f} epochs: accuracy {100 * accuracy[-1]:.1f} %")
assert accuracy[-1] > (0.6 if options.quick else 0.75)

# %%
figure = Figure(figsize=(8, 3), layout="constrained")
axis = figure.subplots()
axis.plot(epoch, accuracy, label="test accuracy")
axis.plot(epoch, cost / cost.max(), label="cost / first cost")
axis.set(xlabel="epoch", ylim=(0, 1), title=f"A network that trains itself on {TASK}")
axis.legend()
show(figure, "training")

# %% [markdown]
# ## Noise
# So far the chip was ideal. A cost meter is not: here every reading is off by a little more, and
# all noise levels train at once, as chips of one compiled program.

# %%
LENGTH = 1000 if options.quick else 4000
LEVELS = (0, 1e-3, 1e-2, 1e-1)
noisy = nm.Config(task=TASK, chips=2, windows=LENGTH, ideal=True, out=str(OUT / "noise"))
points = nm.sweep(noisy, {"bus.cost_noise": LEVELS}, may_overwrite=True).points
for point in points:
    print(f"noise of a reading {point['bus.cost_noise']:.0e}: {100 * point['accuracy']:.1f} %")
assert points[0]["accuracy"] > points[-1]["accuracy"] + 0.03

figure = Figure(figsize=(5, 3), layout="constrained")
axis = figure.subplots()
axis.plot([point["accuracy"] for point in points], "o-")
axis.set(xlabel="σ of a reading of the cost", ylabel="test accuracy", ylim=(0, 1),
         xticks=range(len(LEVELS)), xticklabels=[f"{level:g}" for level in LEVELS])  # fmt: skip
show(figure, "noise")

# %% [markdown]
# ## A device
# Memory cells have steps, bounds, unequal pulses and spread. A sheet holds the measured numbers of
# one technology: electrochemical cells move in thousands of small steps, filaments in a few.

# %%
found = {}
for sheet in ("ecram_mo_kim2019", "reram_array_hfo2_2022"):
    cells = nm.Config(task=TASK, chips=2, windows=LENGTH, device=sheet, out=str(OUT / sheet))
    found[sheet] = nm.train(cells, may_overwrite=True).summary
    print(f"{sheet}: {100 * found[sheet]['accuracy']:.1f} %")
    for sentence in found[sheet]["explanations"]:
        print(f"   {sentence}")
assert found["ecram_mo_kim2019"]["accuracy"] > found["reram_array_hfo2_2022"]["accuracy"]

# %% [markdown]
# ## A platform
# A platform's sheet holds what its parts take and burn, and its converters. The same training then
# tells seconds and joules; without training, the clock alone prices a run of any length.

# %%
on = nm.Config(task=TASK, chips=2, windows=LENGTH, platform="pcm_14nm", out=str(OUT / "platform"))
summary = nm.train(on, may_overwrite=True).summary
for sentence in summary["notes"]:
    print(sentence)
print(
    f"{100 * summary['accuracy']:.1f} % after {1e3 * summary['hardware_seconds']:.0f} ms and"
    f" {1e3 * summary['hardware_joules']:.0f} mJ on the chip"
)
assert summary["hardware_seconds"] > 0
print(f"written to {OUT}")
