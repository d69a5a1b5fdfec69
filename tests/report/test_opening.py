"""The opening of the page: what is said, in which order, and what is not."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from example_studies import example_audit, example_curve
from example_validation import example_cleaning, example_rows, example_validation
from report_page import read_page
from signalprep.report._pages import found_of
from signalprep.report.opening import opening
from signalprep.report.sections import Found
from signalprep.results import Validation

CELLS = {"speed": ["[0, 40)", "[40, 90]"], "T": ["low", "high"]}


@pytest.fixture(scope="module")
def validation() -> Validation:
    """A known error over all rows, and four cells: fine, weak and larger, few, never visited."""
    rows = example_rows(n_cycles=6, n=40)
    labels = {
        name: pd.Categorical([words[0]] * len(rows), words, ordered=True)
        for name, words in CELLS.items()
    }
    result = example_validation(rows, pd.DataFrame(labels, rows.index))
    overall = result.overall.copy()
    overall[["rmse", "rmse_low", "rmse_high", "r2"]] = [3.4, 2.9, 4.0, 0.9]
    units = result.units | {"speed": "km/h"}
    return changed(
        dataclasses.replace(result, overall=overall, units=units),
        n=[90, 80, 70, 0],
        n_cycles=[5, 4, 2, 0],
        n_groups=[5, 4, 2, 0],
        evidence=[True, True, False, False],
        rmse=[3.0, 7.0, 9.0, np.nan],
        rmse_low=[2.5, 1.0, np.nan, np.nan],
        rmse_high=[4.0, 80.0, np.nan, np.nan],
    )


def changed(validation: Validation, **cells: Any) -> Validation:
    """The same with other columns of its cells."""
    assert validation.by_regime is not None
    return dataclasses.replace(validation, by_regime=validation.by_regime.assign(**cells))


def said(validation: Validation, limits: dict | None = None, **studies: Any) -> list[str]:
    verdict = None if limits is None else validation.verdict(limits)
    told = [each.text for each in opening(found_of(validation, verdict, studies))]
    assert all(text[0] == text[0].upper() and text.endswith(".") for text in told)
    assert not any("nan" in text.split() or "–." in text or "None" in text for text in told)
    return [text.replace("\xa0", " ") for text in told]


def start(told: list[str], words: str) -> str:
    """The one sentence that starts like this."""
    (found,) = [text for text in told if text.startswith(words)]
    return found


def test_the_order_is_error_worst_unknown_leaks_next(validation) -> None:
    told = said(validation)
    assert told[:2] == [
        "On 6 cycles that it was not trained on, the model predicts T_pm with an error of 3.40 K "
        "(RMSE; 95 % interval over cycles: 2.90–4.00 K).",
        "The interval leaves out how much the model would change with other training cycles.",
    ]
    starts = ("Of the 1 cell of 4", "Nobody knows", "Of those with", "No audit", "Next, record ")
    assert all(text.startswith(words) for text, words in zip(told[2:], starts, strict=True))


def test_a_weak_cell_is_never_named_as_the_worst(validation) -> None:
    assert start(said(validation), "Of the 1 cell") == (
        "Of the 1 cell of 4 where that is known well enough, it is worst at speed 0 to 40 km/h, "
        "T low: RMSE 3.00 K (2.50–4.00), seen by 5 cycles."
    )
    told = said(changed(validation, rmse_high=[30.0, 80.0, np.nan, np.nan]))
    assert start(told, "Where it is worst cannot be said: 2 cells with evidence are weak: ")
    assert not [text for text in told if "it is worst at" in text or text.startswith("Of those")]


def test_all_cells_known(validation) -> None:
    told = said(
        changed(
            validation,
            n=50,
            evidence=True,
            rmse=[3.0, 7.0, 4.0, 4.0],
            rmse_low=1.0,
            rmse_high=8.0,
        )
    )
    assert start(told, "It is worst at speed 0 to 40 km/h, T high: RMSE 7.00 K (1.00–8.00)")
    assert start(told, "Every cell of the operating map has evidence (3 cycles or more).")


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (
            [90, 80, 70, 0],
            "2 of 4 cells of the operating map: 1 never visited, 1 seen by fewer than 3",
        ),
        ([90, 80, 70, 9], "2 of 4 cells of the operating map: seen by fewer than 3 cycles."),
        ([90, 80, 0, 0], "2 of 4 cells of the operating map: never visited."),
    ],
)
def test_where_nobody_knows_is_counted(validation, n: list[int], words: str) -> None:
    told = said(changed(validation, n=n))
    assert start(told, f"Nobody knows how well it does in {words}")
    assert start(told, "Of those with evidence 1 is weak")


def test_nothing_is_promised_where_nothing_is_known(validation) -> None:
    told = said(changed(validation, evidence=False))
    assert start(told, "Where it is worst cannot be said: no cell was seen by 3 cycles or more.")
    overall = validation.overall.copy()
    overall[["rmse_low", "rmse_high", "r2"]] = np.nan
    told = said(dataclasses.replace(validation, overall=overall, by_regime=None))
    assert "(RMSE; too few cycles for an interval)." in told[0]
    assert not [text for text in told if "leaves out" in text]
    assert start(told, "Where it is worst cannot be said: this validation was made without")
    assert told[-1] == "Next, validate with operating regimes, which show where it fails."


def test_a_weak_or_useless_error_says_so(validation) -> None:
    overall = validation.overall.copy()
    overall[["rmse_high", "r2"]] = [40.0, -0.2]
    told = said(dataclasses.replace(validation, overall=overall))
    assert told[0].endswith("2.90–40.0 K, weak).")
    assert told[1] == "Weak: interval so wide that the value says little."
    assert told[2] == "Always saying the mean would do no worse (R² −0.200)."


def test_a_leak_outranks_everything(validation) -> None:
    audit, curve = example_audit(validation), example_curve(validation, verdict="underfit")
    settings = validation.settings | {"allow_leak": True}
    leaky = dataclasses.replace(validation, settings=settings)
    sentences = opening(
        Found(leaky, leaky.verdict({"rmse": 0.1}), {"audit": audit, "learning_curve": curve})
    )
    warned = [each.text for each in sentences if each.warn]
    assert [each.text for each in sentences[: len(warned)]] == warned
    assert [text.partition(" (")[0] for text in warned] == [
        "Leak found: Looks ahead",
        "Leaks were allowed",
        "Unseen cycles may not reach the numbers on this page.",
    ]
    assert sentences[-1].text == "Next, stop the leak: Stop."
    told = said(leaky)
    assert told[-1] == "Next, validate without allow_leak=True."
    assert start(told, "On 6 cycles, the model predicts "), "nobody checked that they are unseen"
    parted = dataclasses.replace(leaky, settings=settings | {"groups_parted": True})
    assert said(parted)[1] == "Folds train on groups that they test."


def test_an_audit_without_a_leak_is_told(validation) -> None:
    audit = example_audit(validation)
    clean = dataclasses.replace(audit, findings=audit.findings.iloc[1:])
    told = said(validation, audit=clean)
    assert start(told, "The audit found no leak (2 of 3 checks done, 1 warning).")
    assert not [text for text in told if text.startswith("Leak")]


def test_a_broken_log_comes_before_the_model(validation) -> None:
    broken = dataclasses.replace(validation, quality=SimpleNamespace(usable=False))
    told = said(broken, {"rmse": 0.1})
    assert told[0] == "The log has errors that should be put right first: see data quality below."
    assert told[-1] == "Next, put the log right."


def test_many_leaks_are_counted(validation) -> None:
    audit = example_audit(validation)
    many = dataclasses.replace(audit, findings=pd.concat([audit.findings.iloc[:1]] * 5))
    assert said(validation, audit=many)[0] == (
        f"Leaks found: {'; '.join(['Looks ahead (i_q)'] * 3)}; and 2 more."
    )


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"rmse": 0.1}, "It fails its limits (RMSE at most 0.1 K): over all rows RMSE fails; "),
        ({"rmse": 3.5}, "Whether it keeps its limits cannot be told yet (RMSE at most 3.5 K): "),
        ({"rmse": 99.0}, "It keeps its limits (RMSE at most 99 K): over all rows RMSE passes; "),
    ],
)
def test_limits_are_told_after_the_error(validation, limits: dict, words: str) -> None:
    assert said(validation, limits)[2].startswith(words)


def test_the_first_of_the_next_tests_is_next(validation) -> None:
    told = said(validation, {"rmse": 50.0})
    tests = validation.next_tests(1, limits={"rmse": 50.0})
    cycles = "cycle" if tests["more_cycles"].iloc[0] == 1 else "cycles"
    assert told[-1] == (
        f"Next, record {tests['more_cycles'].iloc[0]} more {cycles} at speed 0 to 40 km/h, T high "
        f"({tests['why'].iloc[0]})."
    )


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("overfit", "try that model."),
        ("underfit", "try that model."),
        ("more cycles would help", "record more cycles (the error on unseen cycles still falls"),
        ("irreducible", "look beyond the model (neither a simpler nor a more flexible"),
        ("underpowered", "record "),
    ],
)
def test_the_learning_curve_says_what_is_next(validation, verdict: str, words: str) -> None:
    told = said(validation, learning_curve=example_curve(validation, verdict=verdict))
    assert told[-1].startswith(f"Next, {words}")
    better = [text for text in told if "does better on unseen cycles" in text]
    assert len(better) == (verdict in ("overfit", "underfit"))


def test_a_cell_to_record_is_not_the_answer_to_a_model_that_fails(validation) -> None:
    curve = example_curve(validation, verdict="underpowered")
    told = said(validation, {"rmse": 0.1}, learning_curve=curve)
    assert told[-1].startswith("Next, record more cycles (too few cycles to tell whether another")
    curve = example_curve(validation, verdict="irreducible")
    assert "look beyond" not in said(validation, {"rmse": 99.0}, learning_curve=curve)[-1]


def test_a_better_model_is_told_with_its_numbers(validation) -> None:
    curve = example_curve(validation, verdict="underfit", note="It has steps of its own")
    curve.references.loc["more flexible"] = [0.4, -0.8, -1.0, -0.6]
    told = said(validation, {"rmse": 0.1}, learning_curve=curve)
    assert told[-2] == (
        "A more flexible model does better on unseen cycles with the same features (RMSE 0.40 K "
        "instead of 1.20 K, 95 % interval of the difference −1.00 to −0.60 K; It has steps of its "
        "own)."
    )


def test_what_fails_calls_for_a_better_model(validation) -> None:
    assert said(validation, {"rmse": 0.1})[-1] == (
        "Next, find a better model: what fails calls for one, not for more cycles."
    )


def test_rows_left_out_and_weights_are_told() -> None:
    result = example_validation(example_rows(n_cycles=6, n=40), weight="cycle")
    result = dataclasses.replace(result, cleaning=example_cleaning(result))
    told = said(result)
    assert start(told, "Weights: every cycle counts the same.")
    assert start(told, "20 rows are left out of fits and scores (0.625 %), as their target is ")


def test_groups_are_told() -> None:
    result = example_validation(example_rows(n_cycles=6, n=40))
    groups = pd.Series(["a", "a", "b", "b", "c", "c"], range(1, 7))
    overall = result.overall.copy()
    overall["n_groups"] = 3
    told = said(dataclasses.replace(result, groups=groups, overall=overall))
    assert told[0].startswith("On 6 cycles in 3 groups that it was not trained on, ")
    assert "% interval over groups of cycles: " in told[0]
    assert start(told, "Nobody knows").endswith("seen by fewer than 3 groups of cycles.")


def test_page_and_json_open_with_it(validation, tmp_path) -> None:
    limits = {"rmse": 3.5}
    validation.to_json(tmp_path / "page.json", limits=limits)
    written = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
    assert written["opening"] == said(validation, limits)
    plain = dataclasses.replace(validation, by_regime=None)
    plain.to_html(tmp_path / "page.html")
    header = read_page((tmp_path / "page.html").read_text(encoding="utf-8")).all("header")[0]
    tags = [
        each.tag for each in header.every() if each.tag in ("h1", "dl") or "opening" in each.classes
    ]
    assert tags == ["h1", "p", "dl"], "between title and tiles"
    assert header.all("p", "opening")[0].text.replace("\xa0", " ") == " ".join(said(plain))
