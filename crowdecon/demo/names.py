"""Made-up people: a given name and a family name drawn from lists of common ones, and what they say of themselves."""

from random import Random

_GIVEN = {
    "en": (
        "Ada Amir Anna Ben Carla Chloe Daniel Dora Elif Emma Erik Farah Felix Grace Hana Hugo Ida Ines Ivan Jana "
        "Jonas Julia Karim Kira Lars Leila Leo Lina Luca Maja Marco Mina Nadia Nils Noor Omar Paula Pavel Priya "
        "Rosa Sami Sara Sofia Tariq Tessa Theo Vera Yara Yusuf Zoe"
    ).split(),
    "zh-hans": (
        "思远 雨桐 子涵 浩然 梓萱 明轩 佳怡 俊杰 晓雯 天宇 欣然 志强 静怡 文博 诗涵 建国 丽华 嘉豪 婉清 伟 "
        "敏 磊 婷 洋 艳 勇 娟 杰 涛 霞 晨曦 若兰 宇航 一诺 可欣 泽宇 安琪 书瑶 立群 海燕"
    ).split(),
}
_FAMILY = {
    "en": (
        "Adler Bauer Costa Dahl Evans Fischer Garcia Hansen Ibrahim Jensen Kaya Larsen Meyer Novak Okafor Patel "
        "Quinn Rossi Santos Tanaka Urban Vogel Weber Young Zeman Lindgren Moreau Haddad Silva Kowalski"
    ).split(),
    "zh-hans": "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧".split(),
}


_INTRODUCTIONS = {
    "en": (
        "I live in {city} and came for {one}. Ask me anything about it.",
        "{city}. Mostly here for {all}, and for the people.",
        "New to {one}, and happy to be corrected.",
        "If you are near {city}, say hello: I like to meet who I talk to.",
    ),
    "zh-hans": (
        "人在{city}，因为{one}来的，有问题尽管问我。",
        "{city}人，喜欢{all}，更喜欢聊得来的人。",
        "{one}刚入门，请多指教。",
        "在{city}附近的朋友，欢迎约出来见面。",
    ),
}

#: What members write to one another, in turn; whoever reads the demo has not read the last.
NOTES = {
    "en": (
        "Hi! I liked what you said about **{one}**. Do you know where one begins?",
        "Hello! Come to the next gathering, that is the quickest way.",
        "I will. Shall I bring anything?",
    ),
    "zh-hans": (
        "你好！你说的**{one}**我很感兴趣，该从哪里开始？",
        "你好！来下一次聚会，最快。",
        "好，需要带什么吗？",
    ),
}

#: Why members report what was written, and what they say to it.
REPORTS = {
    "en": (
        ("false", "I tried exactly this, and it went wrong. Somebody will be hurt."),
        ("off_topic", "A good answer, but to another question."),
    ),
    "zh-hans": (
        ("false", "我照着试过，结果出了问题，会害到别人的。"),
        ("off_topic", "说得不错，但答的不是这个问题。"),
    ),
}


def draw(random: Random, language: str) -> str:
    """A full name as that language writes it."""
    given, family = random.choice(_GIVEN[language]), random.choice(_FAMILY[language])
    return family + given if language == "zh-hans" else f"{given} {family}"


def introduction(random: Random, language: str, *, city: str, interests: list[str]) -> str:
    """A sentence of who somebody is; empty for two of five, who write none."""
    if random.random() < 0.4:
        return ""
    listed = "、".join(interests) if language == "zh-hans" else ", ".join(interests)
    words = random.choice(_INTRODUCTIONS[language]).format(city=city, one=interests[0], all=listed)
    return words[0].upper() + words[1:]
