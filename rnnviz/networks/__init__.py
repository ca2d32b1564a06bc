"""Networks that are trained: torch's own fused modules wherever there is one."""

from rnnviz.networks.both_ways import order_back
from rnnviz.networks.initial_weights import shift_forget_bias
from rnnviz.networks.network import Network, ReadOut, build_network
from rnnviz.networks.relay import Relay, common_boundary

__all__ = ["Network", "ReadOut", "Relay", "build_network", "common_boundary", "order_back", "shift_forget_bias"]
