"""The same code gives the same report, whatever Python hashes names to."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """\
import numpy as np
import pandas as pd


def normalize(x, mean):
    return (x - mean) / 2


def use(flag, frame: pd.DataFrame, series: pd.Series, array: np.ndarray):
    if flag == 1:
        x = frame
    elif flag == 2:
        x = series
    else:
        x = array
    return normalize(x, 0).append(1)
"""

RUN = """\
import apimig, sys
for outcome in apimig.check(sys.argv[1], lib="pandas==2.0", from_="1.5").outcomes:
    print(outcome)
"""


def test_reasons_read_the_same_in_every_run(tmp_path):
    (tmp_path / "a.py").write_text(CODE)
    seen = set()
    for seed in ("0", "1", "2", "3"):
        environment = dict(os.environ, PYTHONHASHSEED=seed)
        command = [sys.executable, "-c", RUN, str(tmp_path)]
        seen.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    (only,) = seen
    assert "numpy.ndarray" in only
    assert "pandas.Series" in only
