"""What stands inside pipelines and searches."""

from __future__ import annotations

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted


def unwrap(estimator):
    """Return the estimator inside pipelines and fitted searches, and the steps before it.

    Parameters
    ----------
    estimator : estimator
        A pipeline, a search, or any other estimator, in any nesting.

    Returns
    -------
    steps : list of transformer
        The transformers before it, in their order.
    last : estimator
        The estimator at the end: the best of a search, the last step of a pipeline.  A search
        without ``best_estimator_`` is returned itself.
    """
    steps = []
    while True:
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif isinstance(estimator, Pipeline):
            *before, (_, estimator) = estimator.steps
            steps += [step for _, step in before if step not in (None, "passthrough")]
        else:
            return steps, estimator


def unwrap_fitted(estimator):
    """Unwrap an estimator that must be fitted.

    Parameters
    ----------
    estimator : estimator
        As of :func:`unwrap`.

    Returns
    -------
    steps : list of transformer
        As of :func:`unwrap`.
    last : estimator
        The fitted estimator at the end.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    AttributeError
        If a search was made with ``refit=False`` and so has no fitted estimator.
    """
    steps, last = unwrap(estimator)
    if hasattr(last, "cv_results_"):
        raise AttributeError(
            f"This {type(last).__name__} has no best_estimator_, because it was made with "
            "refit=False. Use refit=True."
        )
    check_is_fitted(last)
    return steps, last
