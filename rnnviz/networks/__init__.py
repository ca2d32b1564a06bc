"""Networks that are trained: torch's own fused modules wherever there is one."""

from rnnviz.networks.initial_weights import shift_forget_bias
from rnnviz.networks.network import Network, build_network

__all__ = ["Network", "build_network", "shift_forget_bias"]
