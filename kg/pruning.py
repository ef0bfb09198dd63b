"""Prune a fitted scikit-learn tree by pessimistic error (C4.5) or by errors on held-back rows (REPTree)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

#: What scikit-learn has for the child of a node that ends.
_LEAF = -1
#: Numbers of errors that differ by less are the same, but for rounding.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class PrunedTree:
    """A tree some of whose nodes have become leaves.

    Attributes:
        tree: The low-level tree of scikit-learn.
        is_leaf: Which nodes end here, shape (nodes,).
        answer: Position of the class that each node predicts, shape (nodes,).
    """

    tree: Any
    is_leaf: Array
    answer: Array

    def predict(self, x: Array) -> Array:
        """Return the position of the predicted class (in the tree's own classes) of each row."""
        x = np.asarray(x, dtype=np.float32)
        node = np.zeros(len(x), dtype=int)
        for _ in range(self.tree.max_depth):
            moving = np.flatnonzero(~self.is_leaf[node])
            if len(moving) == 0:
                break
            at = node[moving]
            left = x[moving, self.tree.feature[at]] <= self.tree.threshold[at]
            node[moving] = np.where(left, self.tree.children_left[at], self.tree.children_right[at])
        return np.asarray(self.answer[node])


def error_based_pruned(tree: Any, confidence: float) -> PrunedTree:
    """Prune by the upper bound of the error that rows of a node suggest (Quinlan 1993, section 4.2; Weka's J48).

    Args:
        tree: The `tree_` of a fitted classifier.
        confidence: Level of the bound; the lower, the smaller the tree. C4.5's default is 0.25.
    """
    counts = tree.value[:, 0, :] * tree.weighted_n_node_samples[:, None]
    total = counts.sum(axis=1)
    wrong = total - counts.max(axis=1)
    bound = wrong + added_errors(total, wrong, confidence)
    # C4.5 prefers the leaf unless the subtree is better by more than a tenth of an error.
    return _pruned(tree, bound, counts.argmax(axis=1), slack=0.1)


def reduced_error_pruned(classifier: Any, x: Array, y: Array) -> PrunedTree:
    """Prune wherever a leaf makes no more errors than the subtree on rows that were held back.

    Args:
        classifier: A fitted ``DecisionTreeClassifier``.
        x: Held-back rows.
        y: Their classes.
    """
    tree = classifier.tree_
    answer = tree.value[:, 0, :].argmax(axis=1)
    passes = classifier.decision_path(x)
    wrong = classifier.classes_[answer][None, :] != y[:, None]
    errors = np.asarray(passes.multiply(wrong).sum(axis=0)).ravel()
    return _pruned(tree, errors, answer, slack=_SAME)


def added_errors(total: Array, wrong: Array, confidence: float) -> Array:
    """Return by how much the upper bound of the binomial error exceeds the errors seen.

    Quinlan's formula, as in Weka's ``Stats.addErrs``: exact with no error, interpolated below one, normal above.

    Args:
        total: Rows of each node.
        wrong: Rows that the node's majority gets wrong.
        confidence: Level of the bound, below 0.5.
    """
    from scipy.stats import norm

    z = norm.ppf(1 - confidence)
    f = (wrong + 0.5) / total
    upper = (
        f + z * z / (2 * total) + z * np.sqrt(np.maximum(f / total - f * f / total + z * z / (4 * total**2), 0))
    ) / (1 + z * z / total)
    normal = np.where(wrong + 0.5 >= total, np.maximum(total - wrong, 0), total * upper - wrong)
    none = total * (1 - confidence ** (1 / total))
    if np.any((wrong > 0) & (wrong < 1)):
        one = np.ones_like(total)
        below = none + wrong * (added_errors(total, one, confidence) - none)
        normal = np.where((wrong > 0) & (wrong < 1), below, normal)
    return np.asarray(np.where(wrong < _SAME, none, normal))


def _pruned(tree: Any, errors: Array, answer: Array, *, slack: float) -> PrunedTree:
    # scikit-learn numbers a node before its children, so that going backwards meets children first.
    best = errors.astype(float).copy()
    is_leaf = tree.children_left == _LEAF
    for node in range(tree.node_count - 1, -1, -1):
        if is_leaf[node]:
            continue
        below = best[tree.children_left[node]] + best[tree.children_right[node]]
        if errors[node] <= below + slack:
            is_leaf[node] = True
        else:
            best[node] = below
    return PrunedTree(tree, is_leaf, answer)
