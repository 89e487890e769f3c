"""Texts in the encodings of before Unicode, by language: the sentences were written for these tests."""

from __future__ import annotations

import unicodedata

import pytest

from app.books import CHOOSABLE_ENCODINGS, encoding_label, read_book

# language -> a few sentences about one ferry, and the encodings that people there wrote such texts in
SENTENCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Czech": (
        (
            "Přívoz opustil přístaviště v poledne s devíti cestujícími a bednou slepic. Nikdo nemluvil o "
            "mostě, který se na jaře zřítil. Strážce počítal lampy a zjistil, že jedna chybí. Žluťoučký k"
            "ůň stál u řeky a čekal na večeři."
        ),
        ("cp1250", "iso8859-2", "cp852", "mac-latin2"),
    ),
    "Slovak": (
        (
            "Kompa odišla od prístaviska napoludnie s deviatimi cestujúcimi a debnou sliepok. Nikto nehov"
            "oril o moste, ktorý sa na jar zrútil. Strážca spočítal lampy a zistil, že jedna chýba. Ťažký"
            " vietor fúkal ďaleko od dediny a ľudia mlčali."
        ),
        ("cp1250", "iso8859-2", "cp852"),
    ),
    "Polish": (
        (
            "Prom odpłynął z przystani w południe z dziewięcioma pasażerami i skrzynią kur. Nikt nie mówi"
            "ł o moście, który zawalił się wiosną. Strażnik policzył lampy i zauważył, że jednej brakuje."
            " Później usiadł przy oknie i słuchał, jak źle skrzypią łodzie."
        ),
        ("cp1250", "iso8859-2", "cp852"),
    ),
    "Hungarian": (
        (
            "A komp délben indult el a kikötőből kilenc utassal és egy láda tyúkkal. Senki sem beszélt a "
            "hídról, amely tavasszal leomlott. Az őr megszámolta a lámpákat, és látta, hogy egy hiányzik."
            " Később leült az ablakhoz, és hallgatta a szelet, amely a tó felől fújt."
        ),
        ("cp1250", "iso8859-2", "cp852"),
    ),
    "Romanian": (
        (
            "Bacul a plecat de la debarcader la amiază cu nouă călători şi o ladă cu găini. Nimeni nu vor"
            "bea despre podul care căzuse în primăvară. Paznicul a numărat lămpile şi a văzut că una lips"
            "eşte. Târziu s-a aşezat lângă fereastră şi a ascultat vântul care bătea dinspre râu."
        ),
        ("cp1250", "iso8859-2"),
    ),
    "Croatian": (
        (
            "Trajekt je u podne napustio pristanište s devet putnika i sandukom kokoši. Nitko nije govori"
            "o o mostu koji se srušio u proljeće. Čuvar je prebrojao svjetiljke i vidio da jedna nedostaj"
            "e. Poslije je sjeo kraj prozora i slušao kako noću šušti rijeka, a žene su šutjele."
        ),
        ("cp1250", "iso8859-2"),
    ),
    "Slovene": (
        (
            "Trajekt je opoldne zapustil pristanišče z devetimi potniki in zabojem kokoši. Nihče ni govor"
            "il o mostu, ki se je spomladi podrl. Čuvaj je preštel svetilke in videl, da ena manjka. Pozn"
            "eje je sedel k oknu in poslušal, kako žene šepetajo ob reki."
        ),
        ("cp1250", "iso8859-2"),
    ),
    "Lithuanian": (
        (
            "Keltas vidurdienį paliko prieplauką su devyniais keleiviais ir dėže vištų. Niekas nekalbėjo "
            "apie tiltą, kuris sugriuvo pavasarį. Sargas suskaičiavo lempas ir pamatė, kad vienos trūksta"
            ". Vėliau jis atsisėdo prie lango ir klausėsi, kaip ūžia vėjas, o žmonės tylėjo."
        ),
        ("cp1257", "iso8859-13"),
    ),
    "Latvian": (
        (
            "Prāmis pusdienlaikā atstāja piestātni ar deviņiem pasažieriem un vistu kasti. Neviens nerunā"
            "ja par tiltu, kas pavasarī bija sabrucis. Sargs saskaitīja lampas un redzēja, ka vienas trūk"
            "st. Vēlāk viņš apsēdās pie loga un klausījās, kā šalc vējš pār ūdeni."
        ),
        ("cp1257", "iso8859-13"),
    ),
    "Estonian": (
        (
            "Praam lahkus keskpäeval sadamast üheksa reisija ja kanakastiga. Keegi ei rääkinud sillast, m"
            "is kevadel oli kokku varisenud. Valvur luges lambid üle ja nägi, et üks on puudu. Hiljem ist"
            "us ta akna äärde ja kuulas, kuidas öösel tuul üle järve puhus."
        ),
        ("cp1257", "cp1252"),
    ),
    "Turkish": (
        (
            "Feribot öğleyin dokuz yolcu ve bir sandık tavukla iskeleden ayrıldı. İlkbaharda yıkılan köpr"
            "üden kimse söz etmedi. Bekçi lambaları saydı ve birinin eksik olduğunu gördü. Sonra penceren"
            "in yanına oturdu, ırmağın sesini dinledi; kadınlar şaşkın ve sessizdi."
        ),
        ("cp1254", "iso8859-9", "cp857"),
    ),
    "Greek": (
        (
            "Το πορθμείο έφυγε από την αποβάθρα το μεσημέρι με εννέα επιβάτες και ένα κιβώτιο κότες. Κανε"
            "ίς δεν μίλησε για τη γέφυρα που είχε πέσει την άνοιξη. Ο φύλακας μέτρησε τις λάμπες και είδε"
            " ότι έλειπε μία."
        ),
        ("cp1253", "iso8859-7", "cp737"),
    ),
    "Hebrew": (
        (
            "המעבורת עזבה את הרציף בצהריים עם תשעה נוסעים וארגז תרנגולות. איש לא דיבר על הגשר שנפל באביב."
            " השומר ספר את המנורות וראה שאחת חסרה."
        ),
        ("cp1255", "iso8859-8"),
    ),
    "Arabic": (
        (
            "غادرت العبارة الرصيف عند الظهر وعلى متنها تسعة ركاب وصندوق من الدجاج. لم يتحدث أحد عن الجسر "
            "الذي سقط في الربيع. عد الحارس المصابيح فوجد أن واحدا منها مفقود."
        ),
        ("cp1256", "iso8859-6"),
    ),
    "Russian": (
        (
            "Паром отошёл от пристани в полдень с девятью пассажирами и ящиком кур. Никто не говорил о мо"
            "сте, который рухнул весной. Сторож пересчитал лампы и увидел, что одной не хватает."
        ),
        ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"),
    ),
    "Ukrainian": (
        (
            "Пором відійшов від пристані опівдні з дев'ятьма пасажирами і ящиком курей. Ніхто не говорив "
            "про міст, який упав навесні. Сторож перелічив лампи й побачив, що однієї бракує. Її шукали в"
            "сю ніч."
        ),
        ("cp1251", "koi8-u"),
    ),
    "Bulgarian": (
        (
            "Фериботът напусна пристана по обед с девет пътници и щайга кокошки. Никой не говореше за мос"
            "та, който беше паднал през пролетта. Пазачът преброи лампите и видя, че една липсва."
        ),
        ("cp1251",),
    ),
    "Vietnamese": (
        (
            "Chuyến phà rời bến lúc giữa trưa với chín hành khách và một thùng gà mái. Không ai nói về câ"
            "y cầu đã sập vào mùa xuân. Người gác đèn đếm lại những ngọn đèn và thấy thiếu mất một ngọn. "
            "Đêm ấy gió thổi mạnh từ phía sông."
        ),
        ("cp1258",),
    ),
    "Thai": (
        (
            "เรือข้ามฟากออกจากท่าตอนเที่ยงพร้อมผู้โดยสารเก้าคนกับลังไก่หนึ่งลัง ไม่มีใครพูดถึงสะพานที่พัง"
            "ลงเมื่อฤดูใบไม้ผลิ คนเฝ้าประภาคารนับตะเกียงแล้วพบว่าหายไปหนึ่งดวง"
        ),
        ("cp874", "tis-620"),
    ),
    "Cantonese": (
        (
            "渡船喺晏晝離開咗碼頭，有九個客同埋一籠雞。冇人講起春天冧咗嗰道橋。看更數咗啲燈，發覺唔見咗一盞。佢哋坐喺度等到天光，乜嘢都冇講。"
        ),
        ("big5hkscs",),
    ),
    "Chinese, traditional": (
        ("渡船在正午離開了碼頭，船上有九名乘客和一籠母雞。沒有人談起春天倒塌的那座橋。看守人數了數燈，發現少了一盞。"),
        ("big5",),
    ),
    "Chinese, simplified": (
        ("渡船在正午离开了码头，船上有九名乘客和一笼母鸡。没有人谈起春天倒塌的那座桥。看守人数了数灯，发现少了一盏。"),
        ("gb18030",),
    ),
    "Japanese": (
        (
            "渡し船は正午に九人の客と鶏のかごを乗せて岸を離れた。春に落ちた橋のことはだれも話さなかった。灯台守は灯りを数え、一つ足りないことに気づいた。"
        ),
        ("cp932", "euc-jp"),
    ),
    "Japanese with half-width kana": (
        ("ﾜﾀｼﾌﾈﾊ ﾋﾙﾆ ﾐﾅﾄｦ ﾃﾞﾏｼﾀ｡ ﾀﾞﾚﾓ ﾊｼﾉ ｺﾄｦ ﾊﾅｼﾏｾﾝﾃﾞｼﾀ｡ 灯台守は灯りを数え、一つ足りないことに気づいた。"),
        ("cp932",),
    ),
    "Japanese in half-width kana": (
        ("ﾜﾀｼﾌﾈﾊ ﾋﾙﾆ ﾐﾅﾄｦ ﾃﾞﾏｼﾀ｡ ﾀﾞﾚﾓ ﾊｼﾉ ｺﾄｦ ﾊﾅｼﾏｾﾝﾃﾞｼﾀ｡ ﾊﾙﾆ ｵﾁﾀ ﾊｼﾊ ﾏﾀﾞ ﾐｽﾞﾉ ﾅｶﾆ ｱﾘﾏｽ｡"),
        ("cp932",),
    ),
    "Korean": (
        (
            "나룻배는 정오에 아홉 명의 승객과 암탉 한 상자를 싣고 선착장을 떠났다. 봄에 무너진 다리에 대해서는 아무도 말하지 않았다. 등대지기는 등불을 세어 보고 하나가 모자"
            "란 것을 알았다."
        ),
        ("cp949",),
    ),
    "German": (
        (
            "Die Fähre verließ mittags mit neun Fahrgästen und einer Kiste Hühner den Anleger. Über die B"
            "rücke, die im Frühling eingestürzt war, sprach niemand. Der Wärter zählte die Lampen und sah"
            ", dass eine fehlte."
        ),
        ("cp1252", "cp850", "mac-roman"),
    ),
    "French": (
        (
            "Le bac quitta l'embarcadère à midi avec neuf passagers et une caisse de poules. Personne ne "
            "parla du pont qui s'était écroulé au printemps. Le gardien compta les lampes et s'aperçut qu"
            "'il en manquait une. «Où est-elle passée ?» demanda-t-il, très fâché."
        ),
        ("cp1252", "mac-roman", "cp850"),
    ),
    "Spanish": (
        (
            "El transbordador salió del muelle al mediodía con nueve pasajeros y una caja de gallinas. Na"
            "die habló del puente que se había caído en primavera. El guardián contó las lámparas y vio q"
            "ue faltaba una. ¿Dónde estaría? Mañana lo sabrían los niños."
        ),
        ("cp1252",),
    ),
    "Portuguese": (
        (
            "A balsa saiu do cais ao meio-dia com nove passageiros e uma caixa de galinhas. Ninguém falou"
            " da ponte que tinha caído na primavera. O guardião contou as lâmpadas e viu que faltava uma."
            " Não havia explicação, e as mães ficaram à janela até de manhã."
        ),
        ("cp1252",),
    ),
    "Danish": (
        (
            "Færgen forlod anløbsbroen ved middagstid med ni passagerer og en kasse høns. Ingen talte om "
            "broen, der var styrtet sammen om foråret. Vogteren talte lamperne og så, at én manglede."
        ),
        ("cp1252", "cp865"),
    ),
    "Swedish": (
        (
            "Färjan lämnade bryggan mitt på dagen med nio passagerare och en låda höns. Ingen talade om b"
            "ron som hade rasat på våren. Vaktaren räknade lamporna och såg att en fattades."
        ),
        ("cp1252",),
    ),
    "Icelandic": (
        (
            "Ferjan fór frá bryggjunni á hádegi með níu farþega og kassa af hænum. Enginn talaði um brúna"
            " sem hafði hrunið um vorið. Vörðurinn taldi lampana og sá að einn vantaði. Síðar settist han"
            "n við gluggann og hlustaði á þögnina."
        ),
        ("cp1252",),
    ),
    "Finnish": (
        (
            "Lautta lähti laiturista keskipäivällä mukanaan yhdeksän matkustajaa ja laatikollinen kanoja."
            " Kukaan ei puhunut sillasta, joka oli keväällä sortunut. Vartija laski lamput ja näki, että "
            "yksi puuttui."
        ),
        ("cp1252",),
    ),
    "Dutch": (
        (
            "Het veer verliet de steiger om twaalf uur met negen passagiers en een krat kippen. Niemand s"
            "prak over de brug die in het voorjaar was ingestort. De wachter telde de lampen en zag dat e"
            "r één ontbrak; hij vond het ongeëvenaard vreemd en riep de coöperatie."
        ),
        ("cp1252",),
    ),
    "English": (
        (
            "“The ferry left the landing at noon,” she said, “with nine passengers and a crate of hens.” "
            "Nobody spoke of the bridge — it had fallen in the spring. The keeper’s lamps were counted… o"
            "ne was missing from the café."
        ),
        ("cp1252", "mac-roman"),
    ),
}
CASES = [(language, codec) for language, (_, codecs) in SENTENCES.items() for codec in codecs]


def encoded(text: str, codec: str) -> bytes:
    """The text's bytes; Windows-1258 holds the tones of Vietnamese as marks after their letters."""
    if codec != "cp1258":
        return text.encode(codec)
    out = []
    for char in text:
        base, *marks = unicodedata.normalize("NFD", char)
        tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
        letter = unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in tones))
        try:
            out.append(char.encode(codec))
        except UnicodeEncodeError:
            out.append((letter + "".join(tones)).encode(codec))
    return b"".join(out)


@pytest.mark.parametrize("length", ["one paragraph", "many"])
@pytest.mark.parametrize(("language", "codec"), CASES)
def test_every_language_comes_out_in_its_own_letters(language, codec, length):
    sentence = SENTENCES[language][0]
    text = f"{sentence}\n" * (1 if length == "one paragraph" else 40)
    book = read_book(encoded(text, codec), "a.txt")
    assert book.text == text
    assert not [note for note in book.notes if "repaired" in note or "not valid" in note]


@pytest.mark.parametrize(("language", "codec"), CASES)
def test_what_was_found_is_in_the_menu_and_reads_the_same_when_chosen(language, codec):
    text = f"{SENTENCES[language][0]}\n" * 3
    data = encoded(text, codec)
    found = read_book(data, "a.txt").encoding
    assert found in CHOOSABLE_ENCODINGS
    assert encoding_label(found) != found.upper()
    assert read_book(data, "a.txt", encoding=found).text == text
