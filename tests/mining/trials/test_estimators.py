"""Estimators of two real releases are the same when they do the same, whatever their parameters are called."""

from __future__ import annotations

import pytest

from apimig.mining.trials.running import Runner
from apimig.mining.trials.trial import Conventions, Trial, try_cases
from apimig.pipeline.sides import Pair, environments
from apimig.rulebook.rule import Library

pytestmark = pytest.mark.slow

SKLEARN = Library("scikit-learn", ("sklearn",), releases=("1.1.3", "1.2.2"))
MODELS = "from sklearn import linear_model, ensemble, cluster\n"
CASES = {
    "a parameter that did nothing is gone": ("linear_model.Ridge(normalize=False)", "linear_model.Ridge()", "verified"),
    "one that did something is gone": ("linear_model.Ridge(normalize=True)", "linear_model.Ridge()", "differs"),
    "a value has another name": (
        "ensemble.GradientBoostingRegressor(loss='ls')",
        "ensemble.GradientBoostingRegressor(loss='squared_error')",
        "verified",
    ),
    "a value is another one": (
        "ensemble.GradientBoostingRegressor(loss='ls')",
        "ensemble.GradientBoostingRegressor(loss='absolute_error')",
        "differs",
    ),
    "several targets": ("linear_model.MultiTaskLasso(normalize=False)", "linear_model.MultiTaskLasso()", "verified"),
    "one that learned by itself": (
        "linear_model.Lasso(normalize=False).fit([[1.0], [2.0]], [1, 2])",
        "linear_model.Lasso().fit([[1.0], [2.0]], [1, 2])",
        "verified",
    ),
    "one that cannot be fitted is told by its parameters": (
        "cluster.AgglomerativeClustering(affinity='precomputed')",
        "cluster.AgglomerativeClustering(metric='precomputed')",
        "differs",
    ),
}


def test_estimators_are_compared_by_what_they_do():
    trials = [Trial("x", name, f"{MODELS}m = {old}", f"{MODELS}m = {new}") for name, (old, new, _) in CASES.items()]
    sides = environments(Pair("scikit-learn", "1.1.3", "1.2.2"), SKLEARN, trials, Conventions())
    tried = try_cases(trials, sides.old, sides.new, runner=Runner())
    assert {each.case: str(each.status) for each in tried} == {name: status for name, (_, _, status) in CASES.items()}
