"""Names of months, as journals print them in their dates.

The forms of one month stand in a row each, those within a date too (января, kwietnia), from
https://cldr.unicode.org; a word may be cut to its first letters where that leaves no doubt.
"""

from __future__ import annotations

import unicodedata

_MONTHS = """
january janvier januar januari enero janeiro gennaio january styczen stycznia leden ledna ocak января январь
february fevrier februar februari febrero fevereiro febbraio luty lutego unor unora subat февраля февраль
march mars marz maerz maart marzo marco marzec marca brezen brezna mart марта март
april avril abril aprile kwiecien kwietnia duben dubna nisan апреля апрель
may mai mei mayo maio maggio maj maja kveten kvetna mayis мая май
june juin juni junio junho giugno czerwiec czerwca cerven cervna haziran июня июнь
july juillet juli julio julho luglio lipiec lipca cervenec cervence temmuz июля июль
august aout augustus agosto sierpien sierpnia srpen srpna agustos августа август
september septembre septiembre setembro settembre wrzesien wrzesnia zari eylul сентября сентябрь
october octobre oktober octubre outubro ottobre pazdziernik pazdziernika rijen rijna ekim октября октябрь
november novembre noviembre novembro listopad listopada kasim ноября ноябрь
december decembre dezember desember diciembre dezembro dicembre grudzien grudnia prosinec prosince aralik декабря декабрь
"""  # noqa: E501
_SHORT = """
jan ene gen янв|feb fev fevr fév фев февр|mar mär мар|apr avr abr апр|may мая|jun июн|jul июл
|aug ago авг|sep sept set сен сент|oct okt out ott окт|nov ноя нояб|dec dez dic déc дек
"""
_WEEKDAYS = """
mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so
lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim
lunes martes miercoles jueves viernes sabado domingo
пн вт ср чт пт сб вс
"""
# Words that a date may hold beside its parts.
_FILLERS = "de del of the le am den г р st nd rd th er o at um en kl t"
# Minutes east of Greenwich: those of https://www.rfc-editor.org/rfc/rfc5322#section-4.3 and a few.
ZONES = {"utc": 0, "gmt": 0, "ut": 0, "z": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300}
ZONES |= {"mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "bst": 60}
ZONES |= {"msk": 180, "jst": 540, "kst": 540, "eet": 120, "eest": 180}


def fold_word(word: str) -> str:
    """The word in small letters without accents: Août is aout."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace("й", "\0"))
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return plain.replace("\0", "й").replace("ı", "i").replace("ł", "l")


def _number_rows(rows: list[str]) -> dict[str, int]:
    return {
        fold_word(word): number for number, row in enumerate(rows, start=1) for word in row.split()
    }


MONTHS = _number_rows(_SHORT.strip().split("|")) | _number_rows(_MONTHS.strip().splitlines())
IGNORED = frozenset(map(fold_word, f"{_WEEKDAYS} {_FILLERS}".split())) - MONTHS.keys()
