"""What the commands answer to other programs."""

import json
import math

from rnnviz.commands.command import as_json


def test_what_is_not_finite_is_null_however_deep_it_lies():
    found = {"loss": math.nan, "layers": [{"error": math.inf, "passed": False}], "pair": (1.5, -math.inf), "name": "h₋"}
    strict = json.loads(as_json(found), parse_constant=lambda name: f"{name} is no JSON")
    assert strict == {"loss": None, "layers": [{"error": None, "passed": False}], "pair": [1.5, None], "name": "h₋"}
