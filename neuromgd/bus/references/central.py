"""ΔC is half the difference of the costs at +θ̃ and −θ̃: no pass is unperturbed."""

from neuromgd.bus.references.reference import Reference, every, fresh

CENTRAL = Reference(side=-1, latest=fresh, readings=every)
