"""Countries and unions under one key however a text spells them, and the adjectives made from them.

Names in English with the abbreviations that headlines use, and in German, French, Spanish, Korean, Japanese and Chinese
where they differ; all other countries and languages as CLDR names them.  An adjective ("South Korean") is no name by itself.
"""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from tidings.text import fold, words_with_spans

# key: other spellings: adjectives and peoples
_TABLE = """
afghanistan: 아프가니스탄, Afganistán: Afghan, Afghans
albania: Albanien, Albanie: Albanian, Albanians
algeria: Algerien, Algérie, Argelia, 알제리: Algerian, Algerians
argentina: Argentinien, Argentine, 아르헨티나: Argentinian, Argentinians
armenia: Armenien, Arménie: Armenian, Armenians
australia: Australien, Australie, 호주, オーストラリア, 澳大利亚: Australian, Australians
austria: Österreich, Autriche, 오스트리아: Austrian, Austrians
azerbaijan: Aserbaidschan, Azerbaïdjan: Azerbaijani, Azeri
bangladesh: 방글라데시: Bangladeshi, Bangladeshis
belarus: Weißrussland, Biélorussie, Bielorrusia, 벨라루스: Belarusian, Belarusians
belgium: Belgien, Belgique, Bélgica, 벨기에: Belgian, Belgians
bolivia: Bolivien, Bolivie: Bolivian, Bolivians
bosnia: Bosnia and Herzegovina, Bosnia-Herzegovina, Bosnien: Bosnian, Bosnians
brazil: Brasilien, Brésil, Brasil, 브라질, ブラジル, 巴西: Brazilian, Brazilians
bulgaria: Bulgarien, Bulgarie: Bulgarian, Bulgarians
cambodia: Kambodscha, Cambodge, 캄보디아: Cambodian, Cambodians
canada: Kanada, Canadá, 캐나다, カナダ, 加拿大: Canadian, Canadians
chile: Chili, 칠레: Chilean, Chileans
china: Chine, 중국, 中国, 中國: Chinese
colombia: Kolumbien, Colombie, 콜롬비아: Colombian, Colombians
croatia: Kroatien, Croatie, Croacia: Croatian, Croatians
cuba: Kuba, 쿠바: Cuban, Cubans
czech republic: Czechia, Tschechien, 체코: Czech, Czechs
democratic republic of congo: DR Congo, DRC, Democratic Republic of the Congo: Congolese
denmark: Dänemark, Danemark, Dinamarca, 덴마크: Danish, Danes
ecuador: Équateur, 에콰도르: Ecuadorian, Ecuadorians
egypt: Ägypten, Égypte, Egipto, 이집트, エジプト, 埃及: Egyptian, Egyptians
estonia: Estland, Estonie: Estonian, Estonians
ethiopia: Äthiopien, Éthiopie, Etiopía, 에티오피아: Ethiopian, Ethiopians
european union: EU, E.U., UE, Europäische Union, Union européenne, Unión Europea, 유럽연합, 欧盟:
finland: Finnland, Finlande, Finlandia, 핀란드: Finnish, Finns
france: Frankreich, Francia, 프랑스, フランス, 法国: French
georgia: Georgien, Géorgie: Georgian, Georgians
germany: Deutschland, Allemagne, Alemania, 독일, ドイツ, 德国: German, Germans
greece: Griechenland, Grèce, Grecia, 그리스: Greek, Greeks
haiti: Haïti, Haití: Haitian, Haitians
hong kong: 홍콩, 香港:
hungary: Ungarn, Hongrie, Hungría, 헝가리: Hungarian, Hungarians
iceland: Island, Islande, Islandia: Icelandic, Icelanders
india: Indien, Inde, 인도, インド, 印度: Indian, Indians
indonesia: Indonesien, Indonésie, 인도네시아: Indonesian, Indonesians
iran: Irán, 이란, イラン, 伊朗: Iranian, Iranians
iraq: Irak, 이라크, イラク, 伊拉克: Iraqi, Iraqis
ireland: Irland, Irlande, Irlanda, 아일랜드: Irish
israel: Israël, 이스라엘, イスラエル, 以色列: Israeli, Israelis
italy: Italien, Italie, Italia, 이탈리아, イタリア, 意大利: Italian, Italians
japan: Japon, Japón, 일본, 日本: Japanese
jordan: Jordanien, Jordanie, Jordania, 요르단: Jordanian, Jordanians
kazakhstan: Kasachstan, 카자흐스탄: Kazakh, Kazakhs
kenya: Kenia, 케냐: Kenyan, Kenyans
kosovo: Kosovo: Kosovar, Kosovars
kuwait: Koweït: Kuwaiti, Kuwaitis
latvia: Lettland, Lettonie, Letonia: Latvian, Latvians
lebanon: Libanon, Liban, Líbano, 레바논: Lebanese
libya: Libyen, Libye, Libia, 리비아: Libyan, Libyans
lithuania: Litauen, Lituanie, Lituania: Lithuanian, Lithuanians
malaysia: Malaisie, Malasia, 말레이시아: Malaysian, Malaysians
mexico: Mexiko, Mexique, México, 멕시코: Mexican, Mexicans
moldova: Moldawien, Moldavie: Moldovan, Moldovans
mongolia: Mongolei, 몽골: Mongolian, Mongolians
morocco: Marokko, Maroc, Marruecos: Moroccan, Moroccans
myanmar: Burma, Birmanie, 미얀마: Burmese
nato: N.A.T.O., OTAN, 나토, 북대서양조약기구, 北约:
nepal: Népal, 네팔: Nepali, Nepalese
netherlands: The Netherlands, Holland, Niederlande, Pays-Bas, Países Bajos, 네덜란드: Dutch
new zealand: Neuseeland, Nouvelle-Zélande, Nueva Zelanda, 뉴질랜드: New Zealander, New Zealanders
nicaragua: Nicaragua: Nicaraguan
nigeria: Nigéria, 나이지리아: Nigerian, Nigerians
north korea: N. Korea, N Korea, DPRK, Nordkorea, Corée du Nord, Corea del Norte, 북한, 朝鲜, 北朝鮮: North Korean, North Koreans
norway: Norwegen, Norvège, Noruega, 노르웨이: Norwegian, Norwegians
pakistan: Pakistán, 파키스탄, 巴基斯坦: Pakistani, Pakistanis
palestine: Palästina, 팔레스타인: Palestinian, Palestinians
peru: Pérou, Perú, 페루: Peruvian, Peruvians
philippines: The Philippines, Philippinen, Filipinas, 필리핀: Filipino, Filipinos, Philippine
poland: Polen, Pologne, Polonia, Polska, 폴란드: Polish, Poles
portugal: 포르투갈: Portuguese
qatar: Katar, 카타르: Qatari, Qataris
romania: Rumänien, Roumanie, Rumania, 루마니아: Romanian, Romanians
russia: Russland, Russie, Rusia, 러시아, ロシア, 俄罗斯: Russian, Russians
saudi arabia: Saudi-Arabien, Arabie saoudite, Arabia Saudita, 사우디아라비아, 사우디: Saudi, Saudis
serbia: Serbien, Serbie, 세르비아: Serbian, Serbs
singapore: Singapur, Singapour, 싱가포르: Singaporean, Singaporeans
slovakia: Slowakei, Slovaquie, Eslovaquia: Slovak, Slovaks
slovenia: Slowenien, Slovénie: Slovenian, Slovenes
somalia: Somalie: Somali, Somalis
south africa: Südafrika, Afrique du Sud, Sudáfrica, 남아프리카공화국, 남아공: South African, South Africans
south korea: S. Korea, S Korea, ROK, Republic of Korea, Südkorea, Corée du Sud, Corea del Sur, 한국, 대한민국, 韩国, 韓国: South Korean, South Koreans
spain: Spanien, Espagne, España, 스페인: Spanish, Spaniards
sri lanka: 스리랑카: Sri Lankan, Sri Lankans
sudan: Soudan, Sudán, 수단: Sudanese
sweden: Schweden, Suède, Suecia, 스웨덴: Swedish, Swedes
switzerland: Schweiz, Suisse, Suiza, 스위스: Swiss
syria: Syrien, Syrie, Siria, 시리아, 叙利亚: Syrian, Syrians
taiwan: Taïwan, Taiwán, 대만, 台湾, 台灣: Taiwanese
thailand: Thaïlande, Tailandia, 태국: Thai, Thais
tunisia: Tunesien, Tunisie, Túnez: Tunisian, Tunisians
turkey: Türkei, Turquie, Turquía, Türkiye, 터키, 튀르키예, 土耳其: Turkish, Turks
ukraine: Ucrania, 우크라이나, ウクライナ, 乌克兰: Ukrainian, Ukrainians
united arab emirates: UAE, U.A.E., Emirates, 아랍에미리트: Emirati, Emiratis
united kingdom: UK, U.K., Britain, Great Britain, Großbritannien, Royaume-Uni, Reino Unido, 영국, イギリス, 英国: British, Britons, Brits
united nations: UN, U.N., Vereinte Nationen, Nations unies, Naciones Unidas, ONU, 유엔, 联合国, 国連:
united states: US, U.S., USA, U.S.A., America, United States of America, Vereinigte Staaten, États-Unis, Estados Unidos, EE.UU., 미국, 美国, アメリカ, 米国: American, Americans
uruguay: 우루과이: Uruguayan
uzbekistan: Usbekistan, 우즈베키스탄: Uzbek, Uzbeks
venezuela: 베네수엘라: Venezuelan, Venezuelans
vietnam: Viêt Nam, Viet Nam, 베트남, 越南: Vietnamese
yemen: Jemen, Yémen, 예멘: Yemeni, Yemenis
zimbabwe: Simbabwe: Zimbabwean
"""
_REGIONS = "European Europeans Asian Asians African Africans Western Arab Arabs Korean Koreans Muslim Muslims Christian Jewish"


def _plain(label: str) -> str:
    return fold(label.replace(".", "").replace("’", "'"))


def _read(table: str) -> tuple[dict[str, str], dict[str, str]]:
    nations: dict[str, str] = {}
    adjectives = dict.fromkeys(map(_plain, _REGIONS.split()), "")
    for line in table.strip().splitlines():
        key, spellings, peoples = (part.strip() for part in line.split(":"))
        for label in [key, *filter(None, (s.strip() for s in spellings.split(",")))]:
            nations[_plain(label)] = key
        adjectives.update({_plain(s.strip()): key for s in peoples.split(",") if s.strip()})
    return nations, adjectives


_NATIONS, _ADJECTIVES = _read(_TABLE)


# CLDR's names in the languages that are most written online; a short name may be a word of another language.
_LOCALES = "en de fr es it pt nl pl sv cs el tr ru uk ar he hi ja ko zh zh_Hant".split()  # noqa: SIM905
_LEAST_LETTERS = 4
_NO_COUNTRIES = frozenset(("UN", "EU", "EZ", "ZZ", "QO"))


@lru_cache(maxsize=1)
def _territories() -> tuple[dict[str, str], dict[str, str]]:
    """Return keys by plain name and ISO codes by key, for every country; read once a process: 0.2 s."""
    english = {str(code): name for code, name in Locale("en").territories.items()}
    codes = [code for code in english if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES]
    key_of = {
        code: _NATIONS.get(_plain(english[code])) or _plain(english[code].split(" (")[0]) for code in codes
    }
    for name in _LOCALES:
        locale = Locale.parse(name)
        for code in (
            codes
        ):  # the table names by hand what CLDR names otherwise: "Myanmar (Burma)", "Hong Kong SAR China"
            known = _NATIONS.get(_plain(locale.territories.get(code, "").split(" (")[0]))
            if known:
                key_of[code] = known
                break
    names: dict[str, str] = {}
    for name in _LOCALES:
        for code in codes:
            label = _plain(Locale.parse(name).territories.get(code, "").split(" (")[0])
            if len(label) >= _LEAST_LETTERS or (label and not label.isascii()):
                names.setdefault(label, key_of[code])
    return names, {key: code for code, key in reversed(key_of.items())}


def nation_of(label: str) -> str | None:
    """Return the key of a country or union ("south korea" for "S. Korea"), None for anything else.

    "us" in lower case is a pronoun, never a country.
    """
    if label.islower() and label.isascii():
        return None
    plain = _plain(label)
    return _NATIONS.get(plain) or _territories()[0].get(plain)


def code_of(key: str) -> str | None:
    """Return the ISO 3166 code of a country's key, None for a union and for what is no country."""
    return _territories()[1].get(key)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, tuple[str, ...]]:
    """Return every name of each country and union, by key: those of the table, then those of CLDR."""
    found: dict[str, dict[str, str]] = {}
    for line in _TABLE.strip().splitlines():
        key, spellings, _ = (part.strip() for part in line.split(":"))
        for name in (key, *filter(None, (s.strip() for s in spellings.split(",")))):
            found.setdefault(key, {}).setdefault(_plain(name), name)
    for key, code in _territories()[1].items():
        for locale in _LOCALES:
            name = Locale.parse(locale).territories.get(code, "").split(" (")[0]
            if nation_of(name) == key:
                found.setdefault(key, {}).setdefault(_plain(name), name)
    return {key: tuple(names.values()) for key, names in found.items()}


def other_names(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the countries and unions that a short text names, each as it does, with all their other names."""
    words = [word for word, _, _ in words_with_spans(text)][:_MOST_WORDS]
    found = []
    for n in (1, 2, 3):
        for start in range(len(words) - n + 1):
            said = " ".join(words[start : start + n])
            key = nation_of(said if len(said) <= 3 else said.title())
            if key:
                names = tuple(name for name in _spellings().get(key, ()) if _plain(name) != _plain(said))
                found.append((said, names))
    return found


_MOST_WORDS = 64


def is_adjective(label: str) -> bool:
    """Whether a word is only the adjective or the people of a country or region: "South Korean", "Europeans"."""
    return _plain(label) in _ADJECTIVES


def nation_behind(label: str) -> str | None:
    """Return the key of the country whose adjective or people this is ("south korea" for "South Koreans"), else None."""
    return _ADJECTIVES.get(_plain(label)) or None
