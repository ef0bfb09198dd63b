"""Words in other languages are told from English, and are never read by rules that read English only."""

import json

import pytest

from kg.errors import InputError, ModelError
from recommender.llm.language import english_numbers, language_of
from recommender.llm.model import LanguageModel
from recommender.llm.refining import refined
from recommender.llm.understanding import read_words, understand
from recommender.llm.usage import Usage

ABROAD = {
    "German": "40.000 Zeilen mit 3,5 % Ausfällen, höchstens 10 Minuten, und ich muss es erklären",
    "French": "J'ai 40 000 lignes avec 3,5 % de défauts, au plus dix minutes",
    "Spanish": "Tengo 40.000 filas y 20 columnas, necesito el modelo en diez minutos",
    "Italian": "Ho 40.000 righe e 20 colonne, devo avere il modello in dieci minuti",
    "Portuguese": "Tenho 40.000 linhas e 20 colunas, preciso do modelo em dez minutos",
    "Dutch": "Ik heb 40.000 rijen en 20 kolommen, het model moet binnen tien minuten",
    "Polish": "Mam 40 000 wierszy i 20 kolumn, potrzebuję modelu w dziesięć minut",
    "Swedish": "Jag har 40 000 rader och 20 kolumner, max tio minuter",
    "Turkish": "40.000 satır ve 20 sütun var, on dakika için",
    "Chinese": "我有四万行数据，十分钟",
    "Japanese": "4万行のデータがあります",
    "Russian or another language in Cyrillic letters": "40 000 строк, 3,5 % дефолтов, десять минут",
}
ENGLISH = (
    "I have 40,000 loan records, 3 % defaults, need it in ten minutes on a laptop and must explain it",
    "only trees, and half the time",
    "no xgboost",
    "maximise recall",
    "why this range of max_depth?",
    "500 samples x 20,000 genes",
    "100k x 30, binary",
    "svm, 10 min",
    "AUC",
    "data: iris",
    "house prices in La Jolla and San Diego, 5,000 rows",
    "un-normalised sensor data, 300 rows, 1 h",
    "Die casting defects: 2,000 parts, 4 % scrap",
    "use mlp or knn",
    "",
)


class Canned(LanguageModel):
    name = "openai:m"
    usage = Usage()

    def __init__(self, *read, problem=""):
        self.read, self.problem = read, problem

    def structured(self, instructions, content, schema):
        if self.problem:
            raise ModelError(self.problem)
        rows = [dict(zip(("field", "value", "quote"), one, strict=True)) for one in self.read]
        return schema.model_validate_json(json.dumps({"read": rows}))


@pytest.mark.parametrize("language", ABROAD)
def test_a_language_is_told_by_its_script_or_its_little_words(language):
    assert language_of(ABROAD[language]) == language


@pytest.mark.parametrize("words", ENGLISH)
def test_english_is_taken_for_english(words):
    assert language_of(words) == ""


@pytest.mark.parametrize("language", ABROAD)
def test_without_a_model_nothing_is_misread_and_that_is_said(language):
    with pytest.raises(InputError, match=f"look {language}.*only English") as caught:
        understand(ABROAD[language])
    assert "--llm" in str(caught.value)


def test_the_same_holds_for_what_is_said_next():
    before = read_words("40,000 rows, ten minutes")
    with pytest.raises(InputError, match="look German"):
        refined(before, "nur Bäume, und die halbe Zeit")


class TestWithAModel:
    WORDS = ABROAD["German"]

    def test_it_alone_reads_and_that_is_said(self):
        model = Canned(
            ("n_rows", 40_000, "40.000 Zeilen"),
            ("minority_share", 0.035, "3,5 % Ausfällen"),
            ("wall_clock_s", 600, "höchstens 10 Minuten"),
            ("interpretable", True, "erklären"),
        )
        found = understand(self.WORDS, model=model)
        stated = found.stated
        assert (stated.n_rows, stated.minority_share, stated.wall_clock_s) == (40_000, 0.035, 600)
        assert stated.interpretable
        assert "look German: openai:m alone read them" in found.notes[0]

    @pytest.mark.parametrize(
        ("field", "value", "quote"),
        [
            ("n_rows", 40, "40.000 Zeilen"),
            ("n_rows", 400_000, "40.000 Zeilen"),
            ("wall_clock_s", 500, "höchstens 10 Minuten"),
            ("n_rows", 35, "3,5 % Ausfällen"),
            ("n_rows", 40_000, "vierzigtausend"),
        ],
    )
    def test_a_figure_that_the_words_do_not_hold_is_dropped(self, field, value, quote):
        found = read_words(self.WORDS, Canned((field, value, quote)))
        assert not dict(found.said)
        assert "dropped" in found.notes[1]

    def test_one_that_fails_leaves_nothing_read_by_rules(self):
        found = read_words(self.WORDS, Canned(problem="gone"))
        assert not dict(found.said)
        assert any("did not help" in note for note in found.notes)

    def test_what_is_said_next_is_read_by_it_as_well(self):
        before = read_words("40,000 rows, ten minutes")
        model = Canned(("wall_clock_s", 1_800, "30 Minuten"))
        found = refined(before, "nimm dir höchstens 30 Minuten und nicht mehr", model=model)
        assert found.reading.said["wall_clock_s"].value == 1_800


@pytest.mark.parametrize(
    ("words", "language", "told"),
    [
        ("40.000 und 3,5", "German", "40,000 und 3.5"),
        ("1.234.567,89", "Spanish", "1,234,567.89"),
        ("40 000 x 3,25", "French", "40 000 x 3.25"),
        ("version 1.2, 3.14", "German", "version 1.2, 3.14"),
        ("40.000", "Japanese", "40.000"),
        ("40,000 rows", "", "40,000 rows"),
    ],
)
def test_numbers_become_as_english_writes_them_letter_for_letter(words, language, told):
    found = english_numbers(words, language)
    assert found == told
    assert len(found) == len(words)
