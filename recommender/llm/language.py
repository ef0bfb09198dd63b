"""Which language words are in: rules read English only, and must not read ``40.000 Zeilen`` as forty rows.

Told by the script, or by the little words that every sentence of a language has (Cavnar and Trenkle 1994 do so by
letters; whole words need fewer). What has too few of them to tell is taken for English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Languages by their little words, and by words of this trade; words that English has, too, are left out.
_WORDS: Final[Mapping[str, str]] = {
    "German": "und oder mit ohne ich wir der die das ein eine einen einer habe haben ist sind nicht von für auf zu"
    " zum zur im bei nur auch werden wird soll muss kann zeilen spalten klassen daten datensatz stunden"
    " stunde minuten tage kunden höchstens weniger mehr warum welche bitte brauche genauigkeit modell"
    " erklären hälfte bäume versuche",
    "French": "et ou avec sans je nous le la les un une des du est sont pas pour dans sur au aux que qui mes nos j'ai"
    " lignes colonnes données classes heures heure minutes jours moins plus pourquoi quel quelle jeu besoin clients"
    " modèle expliquer précision seulement arbres moitié défauts",
    "Spanish": "y o con sin yo tengo tenemos el la los las un una unos es son no para en por del que mis filas columnas"
    " datos clases horas hora minutos días menos más qué cuál conjunto necesito clientes modelo explicar solo árboles"
    " mitad registros porqué",
    "Italian": "e o con senza ho abbiamo il lo la gli le un una è sono non per nel nella di del della che righe colonne"
    " dati classi ore ora minuti giorni meno più perché quale insieme devo clienti modello spiegare solo alberi metà",
    "Portuguese": "e ou com sem tenho temos o a os as um uma é são não para em no na do da que linhas colunas dados"
    " classes horas minutos dias menos mais porque qual conjunto preciso clientes modelo explicar só árvores metade",
    "Dutch": "en of met zonder ik wij heb hebben de het een is zijn niet voor op van te bij alleen ook rijen kolommen"
    " gegevens klassen uur uren minuten dagen minder meer waarom welke klanten moet uitleggen bomen helft",
    "Polish": "i lub z bez mam mamy jest są nie dla na do w że wierszy kolumn danych klas godzin minut dni mniej więcej"
    " dlaczego jaki zbiór potrzebuję klientów model tylko drzewa połowa",
    "Turkish": "ve veya ile var bir bu için değil satır sütun veri sınıf saat dakika gün daha neden hangi müşteri model"
    " sadece ağaç yarısı",
    "Swedish": "och eller med utan jag vi har en ett är inte för på av till rader kolumner klasser timmar timme minuter"
    " dagar mindre mer varför vilken kunder måste bara träd hälften",
}
_ENGLISH_WORDS: Final = (
    "the a an and or with without i we have has is are not for in on of to at from by must need should only"
    " also rows columns classes data hours hour minutes days at most less more why which what customers records"
    " loans predict model explain accuracy trees half time trials no it be can my our this that range use"
    " within under per about seconds samples features defaults laptop metric learner want don't longer tune"
    " cores"
)
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
#: Scripts that English is not written in, by the letters of each.
_SCRIPTS: Final[Mapping[str, str]] = {
    "Russian or another language in Cyrillic letters": r"[\u0400-\u04ff]",
    "Greek": r"[\u0370-\u03ff]",
    "Arabic": r"[\u0600-\u06ff]",
    "Hebrew": r"[\u0590-\u05ff]",
    "Hindi": r"[\u0900-\u097f]",
    "Thai": r"[\u0e00-\u0e7f]",
    "Japanese": r"[\u3040-\u30ff]",
    "Korean": r"[\uac00-\ud7af]",
    "Chinese": r"[\u4e00-\u9fff]",
}
#: Letters of a script, and little words of a language, that are enough; the words must outnumber those of English.
_LEAST_LETTERS, _LEAST_WORDS = 2, 2
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def language_of(words: str) -> str:
    """Return the language that words are in, in English; '' for English, and for what cannot be told."""
    for name, letters in _SCRIPTS.items():
        if len(re.findall(letters, words)) >= _LEAST_LETTERS:
            return name
    said = [word.lower() for word in _WORD.findall(words)]
    english = sum(word in _ENGLISH for word in said)
    counts = {name: sum(word in _LITTLE[name] for word in said) for name in _LITTLE}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] >= _LEAST_WORDS and counts[best] > english else ""


def english_numbers(words: str, language: str) -> str:
    """Return words with numbers as English writes them, letter for letter: ``40.000 (3,5 %)`` as ``40,000 (3.5 %)``.

    In most of Europe a dot parts thousands, and a comma is the decimal mark; elsewhere numbers stay as they are.

    Args:
        words: The words.
        language: That they are in (`language_of`).
    """
    if language not in _WORDS and not re.search("Cyrillic|Greek", language):
        return words
    return _FOREIGN.sub(lambda match: match[0].translate(_MARKS), words)


_FOREIGN = re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+(?:,\d+)?(?![\d.])|(?<![\w.,])\d+,\d+(?![\d,])")
_MARKS = str.maketrans(".,", ",.")
_LITTLE: Final = {name: frozenset(words.split()) - _ENGLISH for name, words in _WORDS.items()}
