"""Take names, telephone, identity and plate numbers out of a text.

For outputs and logs that other people read. Numbers are known by their form
(identity numbers also by their check digit when they stand inside a longer
run); names by what stands before or after them, by the dot inside Uyghur
names, and by the stems in `data/names.txt`. When in doubt about a number it is
masked; when in doubt about a name it stays, because most two-character words
that begin with a surname are not names.

Routing never sees a masked text: masks are put on what is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["CASE_NAME", "ID_NUMBER", "PHONE", "PLATE", "Masker"]

CASE_NAME = "［姓名］"
PHONE = "［电话］"
ID_NUMBER = "［证件号］"
PLATE = "［车牌］"

_SEP = r"[\s\-－—·.]?"
_DIGIT = "[0-9０-９]"
# 18 characters of a resident identity number, or the 15 of the old form.
_ID = re.compile(
    rf"(?<![0-9０-９A-Za-z])[1-9１-９]{_DIGIT}{{5}}{_SEP}(?:18|19|20|１８|１９|２０){_DIGIT}{{2}}{_SEP}"
    rf"(?:0[1-9]|1[0-2]|０[１-９]|１[０-２])(?:{_DIGIT}{{2}}){_SEP}{_DIGIT}{{3}}[0-9０-９XxＸｘ](?![0-9０-９])"
    rf"|(?<![0-9０-９A-Za-z])[1-9]\d{{5}}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}(?![0-9０-９])"
)
_MOBILE = re.compile(
    rf"(?<![0-9０-９])(?:[+＋]?86{_SEP})?[1１][3-9３-９]{_DIGIT}{_SEP}{_DIGIT}{{4}}{_SEP}{_DIGIT}{{4}}(?![0-9０-９])"
    rf"|(?<![0-9０-９])(?:[+＋]?86{_SEP})?[1１][3-9３-９](?:{_SEP}{_DIGIT}){{9}}(?![0-9０-９])"
)
_LANDLINE = re.compile(
    r"(?<![0-9０-９])[(（]?0\d{2,3}[)）]?[\-－—\s]?[2-9]\d{6,7}(?:[\-转]\d{1,5})?(?![0-9０-９])"
    r"|(?<![0-9０-９])400[\-－]?\d{3}[\-－]?\d{4}(?![0-9０-９])"
    r"|(?<=电话)[：:是为\s]{0,3}[2-9]\d{6,7}(?![0-9０-９])"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-HJ-Za-hj-z][\s·•.\-－]?(?:[A-HJ-NP-Za-hj-np-z0-9]{{5,6}}[挂学警]?|[A-HJ-NP-Za-hj-np-z0-9]{{4}}[挂学警港澳])(?![A-Za-z0-9])"
)
_BANK = re.compile(r"(?<![0-9０-９])(?:62|4[0-9]|5[1-5])\d{2}(?:[\s\-]?\d{4}){3}(?:[\s\-]?\d{1,3})?(?![0-9０-９])")

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵汪祁毛禹狄米贝明臧计伏成戴谈宋庞熊纪舒"
    "屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房缪干解应宗丁宣邓郁单杭洪包诸"
    "左石崔吉龚程邢滑裴陆荣翁荀羊甄曲封芮储靳段富巫乌焦巴弓牧山谷车侯全班秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶司韶黎溥印怀"
    "蒲从鄂索籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎充慕连茹习艾"
    "鱼容向古易慎戈廖庾居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越隆师巩聂晁勾敖融冷辛阚那简饶空曾沙养鞠丰关相查游竺权盖益桓公"
    "肖付闫仝覃"
)
_HAN = "\u4e00-\u9fff"
# Given-name characters: anything Han but words that go on after a surname-like word.
_STOP = (
    "的了是在有和与及或被把给对向从到就都也还很不没人家里上下个这那我你他她它们说去来要能会让叫请问吗呢吧啊，。同镇村县组队区号"
)
_GIVEN = f"(?:(?![{_STOP}])[{_HAN}])"
_CUES = (
    "我叫|我是|本人|姓名|名叫|叫做|联系人|来电人|反映人|投诉人|举报人|申请人|当事人|户主|负责人|法人"
    "|老板叫|邻居叫|丈夫叫|妻子叫"
)
# Words that begin with a surname and are no names.
_WORDS = (
    "农民|农户|农村|农业|牧民|牧业|牧场|居民|车主|车队|房东|房主|商户|党员|家长|周边|施工|安全|水利|水管|水务|林业|林场|交通|司法|卫生"
    "|文化|国家|国有|常务|常住|时任|包工|包片|包村|包户|高级|高中|班主|经理|相关|有关|万户|田里|田间|和平|沙场|石料|余下|成年|于是"
)
_AFTER = "(?=[，。、；：,;:\\s（(］）)！!?？0-9]|$|［|是|住|电话|手机|身份证)"
_CUED = re.compile(
    rf"(?P<cue>(?:{_CUES})(?:姓名)?[：:是为叫\s]{{0,2}})(?!{_WORDS})(?P<name>[{_SURNAMES}]{_GIVEN}{{1,2}}){_AFTER}"
)
_TITLES = "先生|女士|小姐|同志|师傅|大爷|大妈|阿姨|大叔|大婶|老师|医生|书记|主任|队长|村长|支书|会计|站长|所长|老板"
_COMMON = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜"
    "戴夏钟汪任姜范姚谭廖邹熊陆郝孔白崔康毛邱秦史顾侯邵孟龙段雷钱汤尹黎常武贺赖龚"
)
_TITLED = re.compile(rf"(?<![{_HAN}])(?!{_WORDS})(?P<name>[{_SURNAMES}]{_GIVEN}{{1,2}}|[{_COMMON}])(?P<title>{_TITLES})")
_SOME = re.compile(rf"(?P<name>[{_SURNAMES}]某某?)")
_PIECE = f"(?:(?![{_STOP}家])[{_HAN}]){{2,6}}"
_DOTTED = re.compile(f"{_PIECE}[·•・‧∙]{_PIECE}")

_NAME_COLUMNS = re.compile(
    r"姓名|联系人|来电人|投诉人|举报人|反映人|申请人|当事人|户主|诉求人|信访人|经办人|处理人|办理人|受理人|^name$",
    re.IGNORECASE,
)
_PHONE_COLUMNS = re.compile(r"电话|手机|联系方式|来电号码|phone|mobile|tel", re.IGNORECASE)
_ID_COLUMNS = re.compile(r"身份证|证件号|id_?card", re.IGNORECASE)
_PLATE_COLUMNS = re.compile(r"车牌|plate", re.IGNORECASE)


@lru_cache(maxsize=1)
def _stems() -> re.Pattern[str]:
    """Uyghur given names as they are written in Chinese, longest first."""
    names = (Path(__file__).parent / "data" / "names.txt").read_text(encoding="utf-8").split()
    listed = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(f"(?:{listed})+(?:[·•・‧∙](?:{listed})+)*(?!节|路|渠|乡|镇|村(?!长))")


def _stem(found: re.Match[str]) -> str:
    """Stems of two characters are names only together with others: alone they are also words."""
    return CASE_NAME if len(found[0]) > 2 else found[0]


class Masker:
    """Masks texts and table cells.

    Example:
        >>> Masker().text("我叫张建国，电话13812345678，车牌新Q·A1234，三轮车挡路")
        '我叫［姓名］，电话［电话］，车牌新Q·A1234，三轮车挡路'
    """

    def text(self, text: str) -> str:
        """A text without names and numbers that point at a person."""
        if not text:
            return text
        masked = text
        if _has_digit(text):
            masked = _ID.sub(ID_NUMBER, masked)
            masked = _MOBILE.sub(PHONE, masked)
            masked = _BANK.sub(ID_NUMBER, masked)
            masked = _LANDLINE.sub(PHONE, masked)
            masked = _PLATE.sub(PLATE, masked)
        masked = _stems().sub(_stem, masked)
        masked = _DOTTED.sub(CASE_NAME, masked)
        masked = _CUED.sub(lambda m: m["cue"] + CASE_NAME, masked)
        masked = _SOME.sub(CASE_NAME, masked)
        return _TITLED.sub(lambda m: CASE_NAME + m["title"], masked)

    def cell(self, column: str, value: Any) -> Any:
        """A cell of a table: whole when its column is one of names or numbers, else as a text."""
        if value is None or value == "":
            return value
        for pattern, mark in (
            (_NAME_COLUMNS, CASE_NAME),
            (_ID_COLUMNS, ID_NUMBER),
            (_PHONE_COLUMNS, PHONE),
            (_PLATE_COLUMNS, PLATE),
        ):
            if pattern.search(column):
                return mark
        return self._deep(value, self.text)

    def _deep(self, value: Any, mask: Callable[[str], str]) -> Any:
        if isinstance(value, str):
            return mask(value)
        if isinstance(value, dict):
            return {key: self.cell(str(key), inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._deep(inner, mask) for inner in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= 10**9:
            written = str(int(value))
            masked = mask(written)
            return masked if masked != written else value
        return value


def _has_digit(text: str) -> bool:
    return any(mark.isdigit() for mark in text)
