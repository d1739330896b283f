"""Who belongs to each family: name -> where it lives. A new member is one file and one line here.

Nothing is imported: help, checks of options and error messages know every name without JAX.
"""

# How cells move when pulsed.
LAWS = {
    "ideal": "neuromgd.device.laws.ideal:IDEAL",
    "linear": "neuromgd.device.laws.linear:LINEAR",
    "linear_retrace": "neuromgd.device.laws.linear_retrace:LINEAR_RETRACE",
    "exponential": "neuromgd.device.laws.exponential:EXPONENTIAL",
    "lookup": "neuromgd.device.laws.lookup:LOOKUP",
    "power": "neuromgd.device.laws.power:POWER",
    "pieces": "neuromgd.device.laws.pieces:PIECES",
}

# How synapses are told apart on one shared wire.
CODES = {
    "rademacher": "neuromgd.synapse.codes.rademacher:RADEMACHER",
    "product": "neuromgd.synapse.codes.product:PRODUCT",
    "walsh": "neuromgd.synapse.codes.walsh:WALSH",
    "sequential": "neuromgd.synapse.codes.sequential:SEQUENTIAL",
    "sinusoidal": "neuromgd.synapse.codes.sinusoidal:SINUSOIDAL",
    "lfsr": "neuromgd.synapse.codes.lfsr:LFSR",
    "sparse": "neuromgd.synapse.codes.sparse:SPARSE",
    "low_rank": "neuromgd.synapse.codes.low_rank:LOW_RANK",
}

# How synapses learn from one scalar.
MODES = {
    "weight": "neuromgd.chip.modes.weight:WEIGHT",
    "node": "neuromgd.chip.modes.node:NODE",
    "analog": "neuromgd.chip.modes.analog:ANALOG",
}

# What turns an estimate into a request.
RULES = {
    "sgd": "neuromgd.synapse.rules.sgd:SGD",
    "momentum": "neuromgd.synapse.rules.momentum:MOMENTUM",
    "adam": "neuromgd.synapse.rules.adam:ADAM",
    "sign": "neuromgd.synapse.rules.sign:SIGN",
    "rmsprop": "neuromgd.synapse.rules.rmsprop:RMSPROP",
}

# Against which reading of the cost a perturbed one is held.
REFERENCES = {
    "two_pass": "neuromgd.bus.references.two_pass:TWO_PASS",
    "reuse": "neuromgd.bus.references.reuse:REUSE",
    "central": "neuromgd.bus.references.central:CENTRAL",
}

# In which order a chip takes its timesteps, for the clock.
TIMING_SCHEDULES = {
    "paper_clock": "neuromgd.timing.schedules.paper_clock:PAPER_CLOCK",
    "two_pass": "neuromgd.timing.schedules.two_pass:TWO_PASS",
    "reuse": "neuromgd.timing.schedules.reuse:REUSE",
    "central": "neuromgd.timing.schedules.central:CENTRAL",
    "prefetch": "neuromgd.timing.schedules.prefetch:PREFETCH",
    "pipelined": "neuromgd.timing.schedules.pipelined:PIPELINED",
    "analog": "neuromgd.timing.schedules.analog:ANALOG",
    "lockstep": "neuromgd.timing.schedules.lockstep:LOCKSTEP",
    "inference": "neuromgd.timing.schedules.inference:INFERENCE",
}

# What one sample costs.
COSTS = {
    "cross_entropy": "neuromgd.bus.costs.cross_entropy:cross_entropy",
    "mse": "neuromgd.bus.costs.mse:mean_squared_error",
}

# What a task is measured by.
METRICS = {
    "accuracy": "neuromgd.data.metrics.accuracy:ACCURACY",
    "rms_error": "neuromgd.data.metrics.rms_error:RMS_ERROR",
    "r2": "neuromgd.data.metrics.r2:R2",
}

# What the arrays of a chip compute.
NETWORKS = {
    "perceptron": "neuromgd.network.models.perceptron:PERCEPTRON",
    "cnn": "neuromgd.network.models.cnn:CNN_2023",
    "vgg": "neuromgd.network.models.vgg:VGG_2025",
    "rnn": "neuromgd.network.models.rnn:ELMAN",
    "state_space": "neuromgd.network.models.state_space:STATE_SPACE",
    "spiking": "neuromgd.network.models.spiking:SPIKING",
    "transformer": "neuromgd.network.models.transformer:TRANSFORMER",
}

# What is learnt.
TASKS = {
    "digits": "neuromgd.data.digits:DIGITS",
    "mnist": "neuromgd.data.mnist:MNIST",
    "fashion_mnist": "neuromgd.data.fashion_mnist:FASHION_MNIST",
    "cifar10": "neuromgd.data.cifar10:CIFAR10",
    "nist7x7": "neuromgd.data.nist7x7:NIST7X7",
    "parity": "neuromgd.data.parity:PARITY",
    "yinyang": "neuromgd.data.yinyang:YINYANG",
    "circles": "neuromgd.data.circles:CIRCLES",
    "friedman1": "neuromgd.data.friedman1:FRIEDMAN1",
    "delayed_parity": "neuromgd.data.delayed_parity:DELAYED_PARITY",
    "adding": "neuromgd.data.adding:ADDING",
    "sequences": "neuromgd.data.sequences:SEQUENCES",
}

# What makes the chips of a run learn, and how.
ENGINES = {
    "window": "neuromgd.fleet.engines.simulated:WINDOW",
    "step": "neuromgd.fleet.engines.simulated:STEP",
    "backprop": "neuromgd.fleet.engines.backprop:BACKPROP",
    "instrument": "neuromgd.fleet.engines.instrument:INSTRUMENT",
}

# Commands: name -> (module that holds main(arguments), one line of help).
COMMANDS = {
    "train": ("neuromgd.cli.train", "train chips and write a run folder"),
    "sweep": ("neuromgd.cli.sweep", "train chips at every point of a grid of noise levels"),
    "gradient": ("neuromgd.cli.gradient", "hold estimates of the gradient against the true one"),
    "tolerate": ("neuromgd.cli.tolerate", "find how bad a number may be before chips fail"),
    "explore": ("neuromgd.cli.explore", "find the designs that no other one beats"),
    "report": ("neuromgd.cli.report", "write one page about runs and sweeps, figures and verdict"),
    "runs": ("neuromgd.cli.runs", "list and compare runs, ask them again, hand out their weights"),
    "time": ("neuromgd.cli.time", "tell time and energy of any number of timesteps"),
    "devices": ("neuromgd.cli.devices", "list, show, check, plot and fit the device sheets"),
    "platforms": ("neuromgd.cli.platforms", "list, show and check the platform sheets"),
    "options": ("neuromgd.cli.options", "search the options by name, unit and meaning"),
    "complete": ("neuromgd.cli.complete", "complete what is typed in a shell"),
    "doctor": ("neuromgd.cli.doctor", "tell what is installed and found, and test it"),
    "reproduce": ("neuromgd.cli.reproduce", "set published numbers beside the project's own"),
}
