"""What tests tell XLA: they compile much and compute little, so it need not try hard."""

from importlib.metadata import version

# What is left out here makes code faster, never other than asked.
QUICK = [
    "--xla_backend_optimization_level=0",
    "--xla_cpu_parallel_codegen_split_count=1",  # each core has a process of its own
    "--xla_disable_hlo_passes=post_scatter_expansion_simplification,simplify-while-loops,"
    "while-loop-invariant-code-motion,while-loop-constant-sinking,reshape-mover,"
    "tree_reduction_rewriter",
]


def quick(given: str) -> str:
    """Flags for short compilation; whoever gives an optimisation level has the others as well."""
    if "optimization_level" in given:
        return given
    # A flag that XLA does not know ends the process; 0.12 knows this one no more.
    is_known = tuple(map(int, version("jaxlib").split(".")[:2])) <= (0, 11)
    emitters = ["--xla_cpu_use_fusion_emitters=false"] if is_known else []
    return " ".join([*QUICK, *emitters, given]).strip()
