"""Linear classifiers: the class of the greatest sum."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from lowered_models import check_c, formats_for, rounded
from signalprep.embedded import lower
from signalprep.errors import LoweringError

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)

RNG = np.random.default_rng(0)
FORMATS = formats_for(RNG.normal(size=(400, 3)) * [1.0, 30.0, 0.1])
X = rounded(FORMATS, RNG.normal(size=(400, 3)) * [1.0, 30.0, 0.1])
LABELS = np.array(["a", "b", "c"])[np.digitize(X @ [1.0, 0.02, 5.0], [-0.3, 0.6])]
MODELS = [
    LogisticRegression(),
    RidgeClassifier(),
    SGDClassifier(random_state=0),
    LinearSVC(random_state=0),
    LinearDiscriminantAnalysis(),
]


def _fitted(model: Any, y: np.ndarray) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make_pipeline(StandardScaler(), model).fit(X, y)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_classes_are_the_same(model: Any, n_classes: int) -> None:
    labels = LABELS if n_classes == 3 else LABELS == "a"
    fitted = _fitted(model, labels)
    np.testing.assert_array_equal(lower(fitted, FORMATS).predict(X), fitted.predict(X))


@needs_gcc
def test_c_gives_what_python_gives(tmp_path: Path) -> None:
    models = [_fitted(model, labels) for model in MODELS[:2] for labels in (LABELS, LABELS == "a")]
    check_c(tmp_path, [lower(model, FORMATS) for model in models])


def test_several_labels_a_row_are_refused() -> None:
    labels = np.stack([X[:, k] > 0 for k in range(3)], axis=1).astype(int)
    model = RidgeClassifier().fit(X, labels)
    with pytest.raises(LoweringError, match=r"RidgeClassifier.* several labels a row"):
        lower(model, FORMATS)
