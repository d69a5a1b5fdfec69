"""audit: kinds of folds and cycles that give something away, and those that do not."""

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge

import signalprep as sp
from leaks.small_drive import small_drive

COPIES = "near-duplicate cycles across folds"


def test_the_same_course_on_both_sides_of_a_fold_is_a_warning_of_its_own_kind():
    rng, (X, _) = np.random.default_rng(0), small_drive()
    course = np.concatenate([X["speed"].to_numpy(), X["speed"].to_numpy()[::-1]])[:400]
    laps = {}
    for k in range(6):
        speed = course + rng.normal(size=400)
        i = 0.1 * speed + rng.normal(size=400)
        rotor = rng.uniform(20, 60) + np.cumsum(i**2 - np.mean(i**2)) / 1e3
        table = {"speed": speed, "i": i, "rotor": rotor}
        laps[k] = pd.DataFrame(table, index=pd.Index(np.arange(400.0), name="time"))
    log = pd.concat(laps, names=["cycle"])
    found = sp.audit(Ridge(), log[["speed", "i"]], log["rotor"], cv=3, checks=[COPIES])
    assert found.ok
    assert found.findings[["severity", "kind"]].to_numpy().tolist() == [["warning", "same_course"]]
    assert "follow the same course" in found.findings["what"][0]
