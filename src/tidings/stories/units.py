"""Currencies and measures as texts write them.

A currency is its ISO 4217 code where the words tell which; a name that several countries use ("crowns") stays a name.  The
bare dollar is that of the United States unless an adjective or letters say otherwise.
"""

from __future__ import annotations

SYMBOLS = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "S$": "SGD",
    "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₩": "KRW", "₹": "INR", "₽": "RUB", "₺": "TRY", "₪": "ILS",
    "฿": "THB", "₫": "VND", "₴": "UAH", "₦": "NGN", "₱": "PHP", "Rs.": "INR", "Rs": "INR", "Fr.": "CHF",
}  # fmt: skip

_CURRENCY_WORDS = """
USD: dollar dollars dólar dólares dollaro dollari доллар доллара долларов dolar dolary dolarów dolara 달러 ドル 美元 美金 دولار دولارات ดอลลาร์
EUR: euro euros euroa евро eurot 유로 ユーロ 欧元 歐元 يورو ยูโร
GBP: sterling 파운드 ポンド 英镑 英鎊 фунтов
JPY: yen yens yenes иен 엔 円 日元 日圓
KRW: won wons вон 원 ウォン 韩元 韓元
CNY: yuan yuans renminbi юаней 위안 人民元 人民币 人民幣
INR: rupees
RUB: rouble roubles ruble rubles rubel rublo rublos roubles rubli рубль рубля рублей 루블 ルーブル 卢布
PLN: zloty zlotys złoty złote złotych zł
TRY: lirası
ILS: shekel shekels
UAH: hryvnia hryvnias гривен
THB: baht บาท
BRL: real reais reales
crowns: crown crowns
"""
# Names that several currencies share: kept as written.
_SHARED = (
    "krone kronen kroner kronor krona couronnes coronas corone 크라운 크로네 クローネ 克朗 franc francs franken franchi francos pound pounds "
    "pfund livres libras sterline ponden peso pesos dinar dinars riyal riyals rial rials dirham dirhams shilling shillings lira lire "
    "rupee rupien roupies 元 圓 جنيه ريال درهم دينار"
)
_ADJECTIVES = {
    "us": "USD", "american": "USD", "canadian": "CAD", "australian": "AUD", "singapore": "SGD", "hong kong": "HKD", "new zealand": "NZD",
    "taiwan": "TWD", "kanadische": "CAD", "australische": "AUD",
}  # fmt: skip

_MEASURES = """
km: km kilometre kilometres kilometer kilometers kilometern kilomètres kilómetros chilometri quilômetros quilómetros километров километра kilometrów 킬로미터 公里 キロメートル
m: m metre metres meter meters metern mètres metros metri метров metrów 미터 メートル 米
cm: cm centimetre centimetres centimeter centimeters zentimeter 센티미터
mm: mm millimetre millimetres millimeter millimeters
mile: mile miles meilen milles millas miglia
foot: feet ft
ha: ha hectare hectares hektar hectáreas ettari hectáreas 헥타르 公顷
acre: acre acres
kg: kg kilo kilos kilogram kilograms kilogramm kilogrammes kilogramos chilogrammi 킬로그램 公斤 千克
t: t ton tons tonne tonnes tonnen toneladas tonnellate tonneau тонн ton 톤 トン 吨 噸
ounce: ounce ounces
l: l litre litres liter liters litern litros litri литров 리터 リットル 升
barrel: barrel barrels barrels barriles баррелей 배럴 バレル 桶
kWh: kwh
MWh: mwh
W: watt watts
kW: kw
MW: mw megawatt megawatts megavatios
GW: gw gigawatt gigawatts
GB: gb gigabyte gigabytes
TB: tb
km/h: km/h kph
mph: mph
°C: °c
°F: °f
degree: degree degrees grad degrés grados gradi graus 도 度
second: second seconds sekunden sekunde secondes segundos secondi 초 秒
minute: minutes minute minuten minutos minuti 분 分 分钟
hour: hours hour stunden stunde heures heure horas hora ore 시간 時間 小时
day: days day tage tagen jours días dias giorni dagen 日間 天
week: weeks week wochen woche semaines semanas settimane weken 주 週間 周
month: months month monate monaten mois meses mesi maanden 개월 달 カ月 个月
year: years year jahre jahren ans années años anni anos jaar 년 年間
"""


def _read(table: str) -> dict[str, str]:
    return {
        word: unit
        for line in table.strip().splitlines()
        for unit, words in [line.split(":", 1)]
        for word in words.split()
    }


CURRENCIES = _read(_CURRENCY_WORDS) | {word: word for word in _SHARED.split()}
MEASURES = _read(_MEASURES)
DURATIONS = frozenset(("second", "minute", "hour", "day", "week", "month", "year"))


def currency_of(word: str, adjective: str = "") -> str | None:
    """Return the currency that a word names, with the adjective before it ("Canadian dollars"); None for another word."""
    if word in CURRENCIES and CURRENCIES[word] == "USD" and adjective in _ADJECTIVES:
        return _ADJECTIVES[adjective]
    return CURRENCIES.get(word)


CURRENCY_ADJECTIVES = frozenset(_ADJECTIVES)
