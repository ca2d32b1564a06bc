"""The error of an update that would have left the numbers."""


class DivergedError(ArithmeticError):
    """A loss or gradient is not finite. Raised before the weights are changed."""

    def __init__(self, update: int, tensor: str, value: str) -> None:
        super().__init__(
            f"Update {update}: {tensor} has {value}. The weights are still those of update {update - 1}; "
            "lower the rate or clip the gradient, then go on."
        )
        self.update = update
        self.tensor = tensor
