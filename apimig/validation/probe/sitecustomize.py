"""Python imports this when it starts: the probe, and after it the environment's own module of this name."""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _own():
    """Run the module that this one stands in front of."""
    from importlib.machinery import PathFinder

    elsewhere = [each for each in sys.path if os.path.abspath(each or ".") != _HERE]
    spec = PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.origin:
        with open(spec.origin, "rb") as stream:
            exec(compile(stream.read(), spec.origin, "exec"), {"__name__": "sitecustomize", "__file__": spec.origin})


if os.environ.get("APIMIG_EVENTS"):
    import apimig_probe

    apimig_probe.start()
_own()
