"""The numbers of one unit at one token, by the names that formulas and drawings of cells use."""

from rnnviz.domain.trace import LayerTrace


def live_values(layer: LayerTrace, token: int, unit: int) -> dict[str, float]:
    """h, c, h_before, c_before, each gate by name; input_part_k, recurrent_part_k, sum_k of row block k."""
    h_before, c_before = layer.before(token)
    values = {"h": float(layer.hidden[token, unit]), "h_before": float(h_before[unit])}
    if layer.cell_state is not None and c_before is not None:
        values |= {"c": float(layer.cell_state[token, unit]), "c_before": float(c_before[unit])}
    values |= {name: float(gate[token, unit]) for name, gate in layer.gates.items()}
    if layer.input_parts is not None and layer.recurrent_parts is not None:
        for block in range(layer.input_parts.shape[1]):
            given, carried = layer.input_parts[token, block, unit], layer.recurrent_parts[token, block, unit]
            values[f"input_part_{block}"] = float(given)
            values[f"recurrent_part_{block}"] = float(carried)
            values[f"sum_{block}"] = float(given + carried)
    return values
