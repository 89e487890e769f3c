# ruff: noqa: SIM905 — a list of words is read more easily as a line of text
"""Chinese words and sentence patterns for the synthetic novel. All written for it."""

from __future__ import annotations

from collections.abc import Callable

from .pick import Pick

JOINT = ""

SURNAMES = (
    "赵钱孙李周吴郑王冯陈沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘葛范彭鲁韦马方俞任袁柳史唐费薛雷贺倪汤罗毕郝安常"
)
GIVEN = "文斌秀兰建国明珠晓峰雨桐志远海燕春生若水云鹤静怡长青思源月华景行子墨怀瑾书田望舒一鸣秋白"
PLACES = "老茶馆 渡口 钟楼 后花园 药铺 书院 染坊 城门 石桥 米行 戏台 客栈 河堤 祠堂 码头 藏书楼 邮局 磨坊".split()
THINGS = "一封旧信 一盏铜灯 半张地图 一把断了弦的琵琶 一本账簿 一只木匣 一枚银扣 一把油纸伞 一方砚台 一串钥匙 一幅没有落款的画 一袋种子 一面小镜子 一只空鸟笼".split()
MANNERS = "慢慢地 一声不响地 匆匆忙忙地 小心翼翼地 若无其事地 郑重其事地 笑着 低声".split()
VERBS = "收起了 打量着 寻找 藏好了 包好了 说起 放下了 修好了 取出了 想起了".split()
WEATHER = "雨一直下到中午才停。 风从西边吹过来，带着河水的气味。 屋檐上结了薄薄的一层霜。 雾气沉在低处的巷子里，久久不散。 太阳露了一下脸，又躲回云里去了。 傍晚时分，天边只剩下一线红。 燕子在檐下来来回回地飞。 夜里起了风，树叶落了一地。".split()
REMARKS = "这件事我从来没有答应过 门一直是开着的 账总是要算清楚的 谁也没有问过园丁 凡事都有两面 我是听邮差亲口说的 人总有改主意的时候 现在还不是时候 你坐在我的帽子上了 早饭之前最好把话说完".split()
THOUGHTS = "秘密总是藏不久的 那座钟也许从来没有准过 最简单的办法还没有人试过 有人动过那架梯子 走和留其实是一回事 整座城都在听着".split()
TRADES = "掌柜 教书先生 船夫 裁缝 更夫 郎中 账房先生 说书人 木匠 养蜂人".split()
NOUNS = "旧信 渡口 花园 约定 来客 画像 归途 争执 冬夜 遗产".split()
COLOURS = "青色 赤色 墨色 金色 紫色 白色 碧色 朱红".split()
WORDS = "山鹰 流云 古井 银杏 残月 孤舟 竹影 寒星 归雁 白露 松涛 石榴".split()
SHIPS = "长风 海晏 云帆 逐浪 安澜 远志 晴川 归鸿 破晓 潮生".split()
DIGITS = "零一二三四五六七八九"


def name(pick: Pick) -> str:
    """A person of the book."""
    return pick(SURNAMES) + pick(GIVEN) + pick(GIVEN)


def book_title(pick: Pick) -> str:
    """Two nouns."""
    return f"{pick(NOUNS)}与{pick(NOUNS)}"


def chapter_title(pick: Pick, number: int) -> str:
    """'第十二章 渡口'."""
    return f"第{han_number(number)}章 {pick(NOUNS)}"


def han_number(number: int) -> str:
    """1–99 in Chinese numerals, digits beyond."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else DIGITS[tens] + "十")
    return head + (DIGITS[ones] if ones else "")


def paragraph(pick: Pick) -> str:
    """Three to nine sentences behind the usual indent of two full-width spaces."""
    count = 3 + int(pick("0123456"))
    return "　　" + "".join(pick(_PATTERNS)(pick) for _ in range(count))


def facts(pick: Pick, count: int) -> list[tuple[str, str, str]]:
    """So many planted facts: what the text says, a question and the answer. No two share a person."""
    people: list[str] = []
    while len(people) < count:
        candidate = pick(("欧阳", "司马", "诸葛", "上官", "慕容", "东方")) + pick(GIVEN) + pick(GIVEN)
        if candidate not in people:
            people.append(candidate)
    return [_FACTS[index % len(_FACTS)](pick, person) for index, person in enumerate(people)]


def _fact_number(pick: Pick, person: str) -> tuple[str, str, str]:
    number = pick("123456789") + "".join(pick("0123456789") for _ in range(4))
    return f"就在那一天，{person}记下了铁柜的号码：{number}。", f"{person}记下的铁柜号码是多少？", number


def _fact_password(pick: Pick, person: str) -> tuple[str, str, str]:
    word = pick(COLOURS) + pick(WORDS)
    return f"{person}在侧门说的暗号是“{word}”。", f"{person}在侧门说的暗号是什么？", word


def _fact_ship(pick: Pick, person: str) -> tuple[str, str, str]:
    ship = pick(SHIPS) + pick("甲乙丙丁戊己庚辛") + "号"
    return f"{person}当年是坐着一条名叫{ship}的船来到城里的。", f"{person}是坐着哪条船来到城里的？", ship


_FACTS = (_fact_number, _fact_password, _fact_ship)
_PATTERNS: tuple[Callable[[Pick], str], ...] = (
    lambda p: f"{name(p)}{p(MANNERS)}{p(VERBS)}{p(THINGS)}。",
    lambda p: p(WEATHER),
    lambda p: f"“{p(REMARKS)}，”{name(p)}说，“{p(REMARKS)}。”",
    lambda p: f"{name(p)}在{p(PLACES)}等着{p(TRADES)}，手里拿着{p(THINGS)}。",
    lambda p: f"{p(TRADES)}心想，{p(THOUGHTS)}，于是往{p(PLACES)}走去。",
    lambda p: f"{p(PLACES)}里谁也没有见过{p(THINGS)}，{p(TRADES)}更没有见过。",
    lambda p: f"从{p(PLACES)}到{p(PLACES)}，{name(p)}一路上都在想着{p(THINGS)}。",
    lambda p: f"要不是那天去了{p(PLACES)}，{name(p)}也不会明白{p(THOUGHTS)}。",
)
