"""Every message has its translation, by the list of terms, and nothing that students read stays English.

After a change of messages, renew the catalogues and translate what is new: python tests/test_languages.py
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import grader
from grader import languages
from grader.languages import DOMAIN, LANGUAGES, LOCALE, counted, current_language, speaking, translated

ROOT = Path(__file__).parent.parent
PACKAGE = Path(grader.__file__).parent
OTHERS = [language for language in LANGUAGES if language != languages.ENGLISH]
_PLACEHOLDER = re.compile(r"{\w+}|%\(\w+\)s|%%|</?\w+>|&\w+;")
_CODE = re.compile(r"(?<![\w{(])(?:self\.[a-z]+|[a-z.]+_[a-z_]+|Perceptron|1e-7)(?!\w)")
BANNED = {
    "fi": r"""
        \b(?:
            tappio | hävikki | kustannusfunktio | virhefunktio          # häviö
            | pistetulo | sisätulo                                      # matriisitulo
            | (?:opetus|harjoitus|treeni)(?:data|esimerk|joukko)        # koulutusdata
            | oppimis(?:aste|tahti|kerroin) | opetusnopeus              # oppimisnopeus
            | epoki | epokki | kierros | kierrok                        # epookki
            | nimiö | leima | tunniste                                  # luokka
            | aktivaatiofunktio                                         # aktivointifunktio
            | sarakevektori                                             # pystyvektori
            | gradienttilask                                            # gradienttimenetelmä
            | kriteeri                                                  # arviointikohta
            | bias(?!-arvo|es) | kynnysarvo                             # vakiotermi
            | kokonaispistemäärä | pistemäärä                           # kokonaispisteet
            | lähtökerros | output                                      # ulostulo
            | takaisinlevitys | vastavirtaus                            # vastavirta-algoritmi
        )
    """
}
"""For each language, words that mean one of its terms and are another."""
HEADER = """\
# What students read in another language; docs/languages.md says how this file is renewed.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
"""What a catalogue begins with: nothing that depends on when, and by whom, it was renewed."""


def extracted() -> Catalog:
    """Return the messages that the sources have now."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"][
        "mappings"
    ]
    methods, options = [], {}
    for mapping in mappings:
        patterns = mapping["pattern"]
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            methods.append((pattern, mapping["method"]))
            options[pattern] = {
                key: value for key, value in mapping.items() if key not in {"pattern", "method"}
            }
    found = Catalog()
    for name, _, message, comments, context in extract_from_dir(PACKAGE, methods, options):
        found.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return found


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def catalogue(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file)


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def messages(of: Catalog) -> dict[tuple[str, ...], Message]:
    return {forms(message.id): message for message in of if message.id}


CATALOGUES = {language: catalogue(language) for language in OTHERS}
PAIRS = [
    (forms(message.id)[min(number, len(forms(message.id)) - 1)], translation)
    for of in CATALOGUES.values()
    for message in messages(of).values()
    for number, translation in enumerate(forms(message.string))
]
"""Every English text and its translation; a plural with each form."""


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_has_the_messages_of_the_sources_and_no_others(language: str) -> None:
    own, found = messages(CATALOGUES[language]).keys(), messages(extracted()).keys()
    assert sorted(found - own) == [], f"python {Path(__file__).name} adds them; then translate them"
    assert sorted(own - found) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language: str) -> None:
    of = CATALOGUES[language]
    lacking = [
        key
        for key, message in messages(of).items()
        if message.fuzzy or not all(forms(message.string)) or len(forms(message.string)) != _due(key, of)
    ]
    assert lacking == []


def _due(key: tuple[str, ...], of: Catalog) -> int:
    return 1 if len(key) == 1 else of.num_plurals


def test_translations_have_the_placeholders_and_the_markup_of_the_english() -> None:
    for english, translation in PAIRS:
        assert sorted(set(_PLACEHOLDER.findall(translation))) == sorted(set(_PLACEHOLDER.findall(english))), (
            english
        )
        assert translation.count("\n") == english.count("\n"), english


def test_names_in_the_code_stay_as_they_are() -> None:
    for english, translation in PAIRS:
        for name in _CODE.findall(english):
            assert name in translation, f"{name} is missing in: {translation}"


@pytest.mark.parametrize("language", OTHERS)
def test_no_synonym_of_a_term_is_used(language: str) -> None:
    banned = re.compile(BANNED[language], re.VERBOSE | re.IGNORECASE)
    found = {
        match[0]: form
        for message in messages(CATALOGUES[language]).values()
        for form in forms(message.string)
        for match in banned.finditer(_CODE.sub("", form))
    }
    assert found == {}


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_catalogue_is_that_of_the_source(language: str) -> None:
    with po_file(language).with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    own = messages(CATALOGUES[language])
    differing = [
        key for key, message in own.items() if forms(message.string) != _compiled_forms(compiled, key)
    ]
    assert differing == [], f"python {Path(__file__).name} compiles it"


def _compiled_forms(compiled: GNUTranslations, key: tuple[str, ...]) -> tuple[str, ...]:
    if len(key) == 1:
        return (compiled.gettext(key[0]),)
    return tuple(compiled.ngettext(key[0], key[1], number) for number in (1, 2))


def test_a_language_ends_with_its_block_even_if_that_fails() -> None:
    def fail() -> None:
        with speaking("fi"):
            assert translated("no score") == "ei pisteitä"
            with speaking("en"):
                assert translated("no score") == "no score"
            assert counted("{number} graded", "{number} graded", 2) == "2 arvioitua"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (current_language(), translated("no score")) == ("en", "no score")


def test_what_is_in_no_catalogue_stays_as_it_is() -> None:
    with speaking("fi"):
        assert [translated(text) for text in ("", "{x} %s <b>", "da")] == ["", "{x} %s <b>", "da"]


def test_english_loads_no_catalogue() -> None:
    script = (
        "from grader.languages import LOCALE, _catalogue, speaking, translated\n"
        "with speaking('en'): translated('no score')\n"
        "print(_catalogue.cache_info().currsize)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "0\n"


def renew() -> None:
    """Bring the catalogues up to date with the sources, compile them, and say what is to be translated."""
    found = extracted()
    for language in OTHERS:
        of = catalogue(language)
        of.update(found, no_fuzzy_matching=True, update_creation_date=False)
        of.obsolete.clear()
        path = po_file(language)
        body = BytesIO()
        write_po(body, of, width=120, omit_header=True)
        path.write_bytes(HEADER.format(language=language, plurals=of.plural_forms).encode() + body.getvalue())
        written = catalogue(language)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, written)
        for key, message in messages(written).items():
            if not all(forms(message.string)):
                print(f"{language}: {key[0]}")


if __name__ == "__main__":
    renew()
