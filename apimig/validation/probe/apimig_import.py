"""Imports the modules that a JSON file lists, one after the other: what there is to try where there are no tests."""

import importlib
import json
import sys
import time
import traceback

import apimig_probe


def attempt(name):
    """Import a module and write down whether that was possible."""
    apimig_probe.current = name
    apimig_probe.say(e="start", t=name)
    began, category, details, reason = time.time(), "passed", "", ""
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:  # whatever a module does when it is imported
        category, details = "error", traceback.format_exc()[-20000:]
        reason = "%s: %s" % (type(error).__name__, str(error)[:1000])
        frames = [[f[0], f[1], f[2]] for f in traceback.extract_tb(error.__traceback__)[-60:]]
        apimig_probe.say(e="raised", t=name, c=type(error).__name__, x=str(error)[:2000], f=frames)
    apimig_probe.say(e="report", t=name, w="call", c=category, s=time.time() - began, d=details, r=reason)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as stream:
        modules = json.load(stream)
    sys.argv[1:] = []
    for each in modules:
        attempt(each)
    apimig_probe.say(e="finish", x=0)
