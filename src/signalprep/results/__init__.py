"""What was found, as plain tables, and what only asks them: verdicts, comparisons, diagnoses."""

from signalprep.results._audit import LEFT_OUT, Audit
from signalprep.results._band_coverage import overall_coverage
from signalprep.results._classification_validation import PROBABILITY, ClassificationValidation
from signalprep.results._cleaning import Cleaning
from signalprep.results._compare import compare
from signalprep.results._comparison import Comparison
from signalprep.results._diagnose import diagnose
from signalprep.results._diagnosis import Diagnosis
from signalprep.results._judge import check_limits
from signalprep.results._leak_prices import LeakPrices
from signalprep.results._learning_curve import LearningCurve
from signalprep.results._loss_verdict import (
    LossVerdict,
    check_loss_limits,
    judge_loss,
    rows_to_cells,
    share_of,
)
from signalprep.results._more_cycles import MOST_CYCLES
from signalprep.results._regime_loss import RegimeLoss, loss_tables
from signalprep.results._validation import Validation
from signalprep.results._validations import Validations
from signalprep.results._verdict import Verdict
from signalprep.results._verdicts import Verdicts
from signalprep.results._worst_first import worst_first
