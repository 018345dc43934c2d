"""Invented names as a school in Hunan has them."""

from __future__ import annotations

from random import Random

COMMON = (
    "李王张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程"
    "苏魏吕丁任卢姚钟姜谭廖邹熊陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹易黎常武乔贺赖龚文"
)
RARE = "翟单仇解查覃缪晁宓束"
COMPOUND = ("欧阳", "上官", "司马", "诸葛", "皇甫", "令狐")
BOY = (
    "子梓浩宇俊铭泽睿博嘉奕一天思承明文皓书景柏亦逸向家",
    "轩宇豪杰辰阳涵睿航霖骁泽然哲恒远诚宸洋鸣川安乐行成",
)
GIRL = (
    "子梓欣雨诗思语可若依佳芷静紫心一书婉晓悦沐清灵念安",
    "涵萱怡妍琪桐彤瑶悦宁然溪玥芸雯馨瑾茹菲晴岚星月禾柔",
)
MAN = ("志海建文国永晓立新少明宏伟家", "强波军辉勇平峰华斌涛林刚龙明")
WOMAN = ("丽晓海雪秀玉春小文红美慧燕艳", "华燕玲芳敏娟英霞萍梅琴云红莉")
MAN_ONE, WOMAN_ONE = "伟强磊军勇涛斌超鹏浩亮峰凯辉刚", "敏静丽艳娟霞燕芳玲婷莉颖倩洁琳"
OLD_MAN = ("建国德正国光长家", "华国庆明林生清福祥")
OLD_WOMAN = ("桂秀玉淑凤春菊金", "英兰珍华芳梅香莲")
# Names that break careless software, each once in the school: (name, sex).
UNUSUAL = (
    ("欧阳若溪", 2),
    ("上官子涵", 2),
    ("司马承泽", 1),
    ("诸葛明远", 1),
    ("买买提·艾力", 1),
    ("阿依古丽·吐尔逊", 2),
    ("巴特尔·苏和", 1),
    ("王𠮷", 1),
    ("李㛃", 2),
    ("单于晴", 2),
)
# Namesakes in different classes.
NAMESAKES = (
    ("张子涵", 2),
    ("刘宇轩", 1),
    ("陈思涵", 2),
    ("张子涵", 2),
    ("刘宇轩", 1),
    ("陈思涵", 2),
)


class Names:
    """Draws names from one random source, so a seed decides them all."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def surname(self) -> str:
        """A surname, by and large as often as in life."""
        draw = self.random.random()
        if draw < 0.012:
            return self.random.choice(COMPOUND)
        if draw < 0.03:
            return self.random.choice(RARE)
        # Earlier ones are commoner: the square of a uniform draw leans to the front.
        return COMMON[int(self.random.random() ** 2 * len(COMMON))]

    def child(self, surname: str, sex: int) -> str:
        """A child's full name; sex 1 male, 2 female."""
        first, second = BOY if sex == 1 else GIRL
        if self.random.random() < 0.12:
            return surname + self.random.choice(second)
        return surname + self._two(first, second)

    def adult(self, surname: str, sex: int) -> str:
        """A parent's or teacher's full name."""
        if self.random.random() < 0.4:
            return surname + self.random.choice(MAN_ONE if sex == 1 else WOMAN_ONE)
        return surname + self._two(*(MAN if sex == 1 else WOMAN))

    def elder(self, surname: str, sex: int) -> str:
        """A grandparent's full name."""
        return surname + self._two(*(OLD_MAN if sex == 1 else OLD_WOMAN))

    def _two(self, first: str, second: str) -> str:
        start = self.random.choice(first)
        return start + self.random.choice([letter for letter in second if letter != start])
