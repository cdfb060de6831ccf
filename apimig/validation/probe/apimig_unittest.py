"""Runs tests as ``python -m unittest`` does, with its arguments, and writes down how each one ended."""

import json
import os
import sys
import time
import traceback
import unittest

import apimig_probe

_DETAILS = 20000
_FRAMES = 60


class Result(unittest.TextTestResult):
    """Says what became of a test as soon as that is known."""

    def startTest(self, test):
        apimig_probe.current = test.id()
        apimig_probe.say(e="start", t=test.id())
        self.began = time.time()
        self.said = False
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        apimig_probe.current = ""

    def addSuccess(self, test):
        super().addSuccess(test)
        if not self.said:
            self.say(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say(test, "failed", err)

    def addError(self, test, err):
        super().addError(test, err)
        self.say(test, "error", err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say(test, "skipped", reason=str(reason))

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.say(test, "xfailed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.say(test, "failed", reason="it was expected to fail, and passed")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.say(test, "failed" if issubclass(err[0], test.failureException) else "error", err)

    def say(self, test, category, err=None, reason=""):
        self.said = True
        details = ""
        if err is not None:
            frames = traceback.extract_tb(err[2])[-_FRAMES:]
            apimig_probe.say(
                e="raised", t=test.id(), c=err[0].__name__, x=str(err[1])[:2000], f=[[f[0], f[1], f[2]] for f in frames]
            )
            details = "".join(traceback.format_exception(*err))[-_DETAILS:]
            reason = "%s: %s" % (err[0].__name__, str(err[1])[:1000])
        seconds = time.time() - getattr(self, "began", time.time())
        apimig_probe.say(e="report", t=test.id(), w="call", c=category, s=seconds, d=details, r=reason)


class Runner(unittest.TextTestRunner):
    """Runs the tests that are asked for."""

    resultclass = Result

    def run(self, test):
        file = os.environ.get("APIMIG_ONLY")
        if file:
            with open(file, encoding="utf-8") as stream:
                wanted = set(json.load(stream))
            test = unittest.TestSuite(each for each in _flat(test) if each.id() in wanted)
        return super().run(test)


def _flat(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from _flat(each)
        else:
            yield each


if __name__ == "__main__":
    sys.path[0] = os.getcwd()
    done = unittest.main(module=None, argv=["python -m unittest"] + sys.argv[1:], testRunner=Runner, exit=False)
    apimig_probe.say(e="finish", x=0 if done.result.wasSuccessful() else 1)
    sys.exit(not done.result.wasSuccessful())
