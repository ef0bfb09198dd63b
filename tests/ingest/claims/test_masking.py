"""Markup is blanked out, character for character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.claims.masking import masked, sentences
from ingest.claims.parameters import clean_name, is_parameter_name, parameters_in

MARKUP = st.text(alphabet=st.sampled_from(list("ab1 .`*_$\\{}[]()<>:~^|/=-\n")), max_size=120)


@given(st.one_of(st.text(max_size=120), MARKUP))
def test_the_plain_text_is_as_long_as_the_raw(raw):
    text = masked(raw)
    assert len(text.plain) == len(raw) == len(text.raw)


@given(MARKUP)
def test_sentences_are_in_order_and_within_the_text(raw):
    ends = [position for span in sentences(masked(raw)) for position in span]
    assert ends == sorted(ends)
    assert all(0 <= position <= len(raw) for position in ends)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("the ``max_depth`` parameter", "the max_depth parameter"),
        ("see :class:`~a.b.SVC` here", "see a.b.SVC here"),
        ("a [link](https://x.org/1) to it", "a link to it"),
        ("`nfolds <a/b.html>`__: folds", "nfolds : folds"),
        ("{\\texttt{ntrees}}: trees", "ntrees : trees"),
        ("with $\\nu < 0.1$ is", "with nu < 0.1 is"),
        ("see :ref:`other_place` for", "see for"),
        ("10<sup>3</sup> steps", "10^ 3 steps"),
        ("<td>0.1</td>", "0.1"),
    ],
)
def test_what_a_reader_sees_stays(raw, words):
    assert masked(raw).plain.split() == words.split()


def test_sentences_end_at_stops_but_not_at_short_forms():
    text = masked("Use small values, e.g. 0.1, as in Fig. 3. The default is 5. It works.")
    found = [text.plain[a:b] for a, b in sentences(text)]
    assert found == ["Use small values, e.g. 0.1, as in Fig. 3.", "The default is 5.", "It works."]


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("set ``max_depth=3`` or `eta`", ["max_depth", "eta"]),
        ("the learning rate and the batch size", ["learning rate", "batch size"]),
        ("min_child_weight matters", ["min_child_weight"]),
        ("call ``fit()`` with ``True`` on ``X_train``", []),
        ("the kernel cache", []),
        ("{\\texttt{max\\_mem\\_size}}: memory", ["max_mem_size"]),
    ],
)
def test_parameters_are_found_in_code_as_identifiers_and_in_words(raw, names):
    assert [mention.name for mention in parameters_in(masked(raw))] == names


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("eta", True), ("C", True), ("MyClass", False), ("MAX_SIZE", False), ("a.b.c", False), ("x.py", False)],
)
def test_a_class_a_constant_and_a_module_are_no_parameters(name, is_one):
    assert is_parameter_name(name) is is_one


def test_a_name_is_cleaned_of_its_markup():
    assert clean_name("--`max\\_depth`") == "max_depth"
