"""What it is about: a file, an example, a data set of OpenML, or a table that is only described."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from kg.errors import TunegraphError
from kg.model import TaskType
from recommender.llm.understanding import understand
from ui import known_data, uploads
from ui.pages.telling import tell, whisper
from ui.plain import escaped
from ui.session import Given, Looked, Session, session, tunegraph

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

#: Rows of a table that are shown.
_HEAD: Final = 5
_ANY: Final = "guess"


def given() -> Given | None:
    """Show the ways to say what it is about, and return what was said; None while that is not enough."""
    way = st.radio("What is it about?", list(_WAYS), horizontal=True, key="way")
    return _WAYS[way]()


def _uploaded() -> Given | None:
    file = st.file_uploader(
        "Your table, one row a case, with column names",
        type=list(uploads.KINDS),
        max_upload_size=uploads.MOST_BYTES // 2**20,
        key="upload",
        help="CSV, TSV, Parquet, ARFF or Excel (first sheet). It goes when your session ends.",
    )
    visit = session()
    if file is None and visit.uploads:
        return _from_before(visit)
    if file is None:
        whisper("Of a larger table, a sample of the rows tells as much. The command line reads up to 2 GB.")
        return None
    return _kept(file)


def _kept(file: UploadedFile) -> Given | None:
    visit = session()
    try:
        if file.file_id not in visit.uploads:
            _forget(visit)
            visit.uploads[file.file_id] = uploads.keep(file.name, file.getvalue(), visit.folder)
        return _target_of(visit.uploads[file.file_id])
    except TunegraphError as error:
        st.error(escaped(uploads.sentence(error, folder=visit.folder), at_most=1000), icon=":material/error:")
        return None


def _from_before(visit: Session) -> Given | None:
    """Go on with the table that was uploaded before another page was looked at."""
    (path,) = visit.uploads.values()
    tell(f"{path.name}, as you uploaded it before.")
    st.button("Remove it", on_click=_forget, args=(visit,), key="forget")
    return _target_of(path)


def _forget(visit: Session) -> None:
    """Remove the upload before; what an answer is about stays with the answer."""
    answered = {answer.given.path for answer in visit.answers}
    for path in visit.uploads.values():
        if path not in answered:
            path.unlink(missing_ok=True)
    visit.uploads.clear()
    visit.looked = None


def _example() -> Given | None:
    example = st.selectbox("Example", known_data.EXAMPLES, format_func=lambda one: one.title, key="example")
    return _target_of(known_data.write_example(example, session().folder))


def _target_of(path: Path) -> Given | None:
    """Let the target be chosen, show what was understood, and return the table that is meant."""
    looked = _look(path)
    guess = looked.names.index(uploads.guessed_target(looked.names))
    target = st.selectbox("Column to predict", looked.names, index=guess, key=f"target-{_key(path)}")
    kind = st.selectbox("What kind of task is it?", [_ANY, *TaskType], format_func=_kind_name, key=f"kind-{_key(path)}")
    looked = _checked(looked, target, None if kind == _ANY else TaskType(kind))
    _show_head(looked)
    if looked.table is None:
        st.error(escaped(looked.problem, at_most=1000), icon=":material/error:")
        return None
    table = looked.table
    kind_name = str(table.task_type).capitalize()
    tell(f"{table.n_rows:,} rows, {len(table.usable)} usable columns. {kind_name}: {table.reason}.")
    for warning in table.warnings[:5]:
        whisper(warning)
    return Given(path.stem, path, target)


def _key(path: Path) -> str:
    """Return what tells this table from others among the widgets; browsers see it, so it names no folder of ours."""
    return path.stem if path.parent.name == "examples" else path.parent.name


def _look(path: Path) -> Looked:
    visit = session()
    if visit.looked is None or visit.looked.path != path:
        from kg.table_files import read_frame

        names = uploads.column_names(path)
        visit.looked = Looked(path, names, read_frame(path).head(_HEAD).astype(str))
    return visit.looked


def _checked(looked: Looked, target: str, task_type: TaskType | None) -> Looked:
    if (looked.target, looked.task_type) == (target, task_type):
        return looked
    from kg.tables import read_table

    table, problem = None, ""
    try:
        table = read_table(looked.path, target=target, task_type=task_type)
    except TunegraphError as error:
        problem = uploads.sentence(error, folder=session().folder)
    found = Looked(looked.path, looked.names, looked.head, target, task_type, table, problem)
    session().looked = found
    return found


def _show_head(looked: Looked) -> None:
    with st.expander("First rows, as they were read"):
        shown = looked.head.iloc[:, :50]
        st.dataframe(shown, hide_index=True, alt="The first rows of the table")
        if len(looked.names) > shown.shape[1]:
            whisper(f"The first {shown.shape[1]} of {len(looked.names)} columns.")


def _kind_name(kind: str) -> str:
    return "As guessed from its values" if kind == _ANY else kind


def _openml() -> Given | None:
    number = st.number_input("OpenML data id", min_value=1, value=None, step=1, placeholder="31", key="openml")
    whisper("Described by its qualities, without its rows: so nothing is fitted before you see the answer.")
    if number is None:
        return None
    try:
        found = _described(int(number))
    except TunegraphError as error:
        st.error(escaped(uploads.sentence(error), at_most=1000), icon=":material/error:")
        return None
    tell(f"{found.name}: {len(found.meta_features)} qualities, from {found.origin}.")
    return Given(found.name, meta_features=found.meta_features)


def _described(number: int) -> known_data.Described:
    known: dict[int, known_data.Described] = st.session_state.setdefault("openml-described", {})
    if number not in known:
        with st.spinner("Looking it up"):
            known[number] = known_data.openml_dataset(number, tunegraph().store, session().folder / "openml")
    return known[number]


def _only_described() -> Given | None:
    rows = st.number_input("Rows", min_value=20, value=1000, step=100, key="rows")
    columns = st.number_input("Columns beside the target", min_value=1, value=20, key="columns")
    classes = st.number_input("Classes (0: the target is a number)", min_value=0, value=2, key="classes")
    features: dict[str, float] = {"NumberOfInstances": rows, "NumberOfFeatures": columns + 1}
    if classes == 1:
        st.error("A target with one class cannot be learnt. What helps: at least 2 classes, or 0 for a number.")
        return None
    features |= {"NumberOfClasses": classes}
    if classes >= 2:
        most = 100.0 / classes
        features["MinorityClassPercentage"] = st.slider(
            "Share of the rarest class, in percent", 0.1, most, most, step=0.1, key=f"minority-{classes}"
        )
    features["PercentageOfMissingValues"] = st.slider(
        "Missing values, in percent of all cells", 0, 90, 0, key="missing"
    )
    features["PercentageOfSymbolicFeatures"] = st.slider("Columns of words, in percent", 0, 100, 0, key="symbolic")
    return Given("described table", meta_features=features)


def _in_words() -> Given | None:
    words = st.text_area(
        "Say what you have and what you need",
        key="words",
        max_chars=2000,
        placeholder="40,000 loan records, 12 columns, 3 % defaults, ten minutes on a laptop, must be explained",
    )
    if not words.strip():
        whisper("English, with figures. It is read by rules, on this machine.")
        return None
    try:
        found = understand(words)
    except TunegraphError as error:
        st.error(escaped(uploads.sentence(error), at_most=1000), icon=":material/error:")
        return None
    tell(f"Understood: {found.task_type}, {found.metric}. {found.metric_reason}")
    rows = [
        {"what": name.replace("_", " "), "value": str(one.value), "your words": one.quote}
        for name, one in found.said.items()
    ]
    st.dataframe(rows, hide_index=True, alt="What was understood, and from which words")
    for text in (*found.assumptions, *found.notes):
        whisper(text)
    for question in found.questions:
        st.info(escaped(question), icon=":material/help:")
    return Given(found.stated.name or "described in words", words=words)


_WAYS: Final[dict[str, Callable[[], Given | None]]] = {
    "My file": _uploaded,
    "An example": _example,
    "An OpenML id": _openml,
    "Only its size": _only_described,
    "In words": _in_words,
}
