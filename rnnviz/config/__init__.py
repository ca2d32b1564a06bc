"""What can be set. Stands above the catalogues, for it knows which names exist."""

from rnnviz.config.run_config import RunConfig

__all__ = ["RunConfig"]
