"""What each demo community is like: its words, its pace, and what its members do there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thread:
    """What is talked of: `asks` makes it a question, `helped` is which of the answers did (from 0), and `options` are what
    members choose among."""

    title: str
    body: str
    answers: tuple[str, ...]
    asks: bool = False
    helped: int | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """One demo community.

    `arrivals` are newcomers from outside a week, at the beginning and at the end of the year; `fission` is
    how many others a keen member brings in the end; `staying` is the share of those who came alive that are
    still around a month later; `liveliness` is how many days a week a typical member who stays is active.
    `contributions` and `responses` weigh the verbs members use.
    """

    type: str
    slug: str
    name: str
    tagline: str
    description: str
    language: str
    timezone: str
    currency: str
    arrivals: tuple[float, float]
    fission: float
    staying: float
    liveliness: float
    contributions: dict[str, int]
    responses: dict[str, int]
    cities: tuple[str, ...]
    interests: tuple[str, ...]
    #: What members open circles about, where they may: (name, description).
    circles: tuple[tuple[str, str], ...] = ()
    #: What is talked of in these days.
    threads: tuple[Thread, ...] = ()


LANTERN = Profile(
    type="product",
    slug="lantern",
    name="Lantern",
    tagline="We build the reading app we wanted ourselves",
    description=(
        "Lantern is a reading app made **with** the people who read in it.\n\n"
        "- propose what should come next\n- try each release a week early\n- see your idea ship"
    ),
    language="en",
    timezone="Europe/Berlin",
    currency="EUR",
    arrivals=(1.5, 3.8),
    fission=0.45,
    staying=0.62,
    liveliness=2.2,
    contributions={"proposed": 3, "commented": 5, "asked": 2, "answered": 3, "posted": 1},
    responses={"voted": 8, "reacted": 4, "completed": 1},
    cities=("Berlin", "Hamburg", "Wien", "Zürich", "Amsterdam"),
    interests=("reading", "typography", "accessibility", "note-taking", "poetry"),
    threads=(
        Thread(
            "Margins on small phones",
            "On my phone the lines run to **both edges**. Could the margin follow the letter size?",
            (
                "Yes please. I hold it with one hand and my thumb covers the last word.",
                "It ships on Friday: margins grow with the letters.",
            ),
        ),
        Thread(
            "What did you read this week?",
            "I finished *The Rings of Saturn* on the train. And you?",
            (
                "Poems, one a morning. The app remembers where I was better than I do.",
                "A cookery book, to my own surprise.",
            ),
        ),
        Thread(
            "Notes that find each other",
            "I would like to see all notes about one name, across books.",
            (
                "With a list at the end of the book?",
                "A list, and how often. Often enough I forget where I read it.",
            ),
        ),
        Thread(
            "Which release day suits you?",
            "We could ship on Fridays, as now, or on Tuesdays, when somebody is here to mend things.",
            (
                "Tuesday. A weekend with a broken reader is a long weekend.",
                "Friday: I try new things on the sofa.",
            ),
            options=(
                "Friday, as now",
                "Tuesday",
                "I do not mind",
            ),
        ),
        Thread(
            "How do I move my notes to a new phone?",
            "The old one goes back tomorrow. Do the notes come along, or do I have to copy them?",
            (
                "Sign in on the new one: they are there in a minute.",
                "And keep the old one until they are. I was too fast once.",
            ),
            asks=True,
            helped=0,
        ),
    ),
)
DAWN = Profile(
    type="interest",
    slug="dawn-runners",
    name="晨跑社",
    tagline="天亮之前，一起跑完五公里",
    description="我们在城市醒来之前出发。\n\n- 每周三次同城晨跑\n- 新人有老跑友带\n- 下雨照跑，打雷不跑",
    language="zh-hans",
    timezone="Asia/Shanghai",
    currency="CNY",
    arrivals=(1.8, 3.0),
    fission=0.8,
    staying=0.7,
    liveliness=2.8,
    contributions={"posted": 4, "commented": 6, "shared": 2, "hosted": 1},
    responses={"reacted": 6, "rsvped": 3, "attended": 2, "messaged": 3},
    cities=("上海", "杭州", "苏州", "南京", "成都"),
    interests=("长跑", "越野", "摄影", "早餐", "瑜伽"),
    circles=(
        ("雨天也跑", "下雨照跑，打雷不跑：路线、装备和干衣服的地方"),
        ("跑后早餐", "跑完去哪儿吃，谁带路"),
        ("带相机的人", "边跑边拍，月底晒照片"),
    ),
    threads=(
        Thread(
            "周三钱塘江边五公里",
            "周三早上六点，**钱江四桥**下集合，配速六分半，新人有人带。",
            (
                "算我一个，第一次跑，跟在最后。",
                "我在后面陪你，慢慢来。",
            ),
        ),
        Thread(
            "下雨天穿什么",
            "上周鞋湿了一天没干，大家雨天怎么办？",
            (
                "旧鞋一双放门口，跑完塞报纸。",
                "薄外套够了，越厚越重。",
                "跑完马上换袜子，这个最要紧。",
            ),
            asks=True,
            helped=2,
        ),
        Thread(
            "跑完去哪儿吃早餐",
            "想找一家七点前开门、有豆浆的店。",
            ("体育馆后门那家，六点半就开。",),
            asks=True,
            helped=0,
        ),
        Thread(
            "周日跑多远？",
            "天气好，想跑得长一点，大家选一个。",
            (
                "十公里，跑完一起吃面。",
                "我还在恢复，五公里就好。",
            ),
            options=(
                "五公里",
                "十公里",
                "十五公里，慢慢跑",
            ),
        ),
        Thread(
            "膝盖外侧疼怎么办",
            "跑到三公里就疼，停下来就好。有人遇到过吗？",
            (
                "先停一周，去看看跑姿，多半是步子太大。",
                "我换了鞋，又练了臀，两个月就好了。",
            ),
            asks=True,
            helped=1,
        ),
    ),
)
TEA = Profile(
    type="brand",
    slug="yunwu-tea",
    name="云雾山茶",
    tagline="一座山，一杯茶，一群把它讲给朋友听的人",
    description="云雾山的茶农和喝茶的人在这里见面。\n\n- 每季一场新茶品鉴\n- 讲讲你和茶的故事\n- 带朋友上山采茶",
    language="zh-hans",
    timezone="Asia/Shanghai",
    currency="CNY",
    arrivals=(3.4, 2.1),
    fission=0.6,
    staying=0.5,
    liveliness=1.4,
    contributions={"posted": 2, "shared": 5, "commented": 4},
    responses={"reacted": 8, "completed": 3, "rsvped": 1, "endorsed": 1},
    cities=("北京", "广州", "深圳", "武汉", "昆明"),
    interests=("绿茶", "白茶", "茶器", "徒步", "插花"),
    threads=(
        Thread(
            "今年的头采到了",
            "昨天收到新茶，**香气比去年清**，水温八十五度正好。",
            (
                "我用八十度，苦味更少。",
                "下次品鉴会带一点来，大家比一比。",
            ),
        ),
        Thread(
            "第一把茶壶怎么选",
            "想给妈妈买第一把壶，喝绿茶为主，要注意什么？",
            (
                "先别买紫砂，玻璃的看得见叶子。",
                "容量一百五十毫升就够一个人喝。",
            ),
            asks=True,
            helped=0,
        ),
        Thread(
            "春天的品鉴会在哪儿办",
            "山上风景好，城里来得快，听大家的。",
            (
                "山上！带孩子去看采茶。",
                "城里吧，下班就能到。",
            ),
            options=(
                "山上茶园",
                "城里茶室",
                "线上，茶样寄到家",
            ),
        ),
        Thread(
            "白茶要不要洗茶",
            "有人说第一泡要倒掉，我舍不得。",
            (
                "干净的茶不用洗，第一泡最香。",
                "压成饼的可以快快醒一下。",
            ),
            asks=True,
            helped=0,
        ),
    ),
)
PROOF = Profile(
    type="knowledge",
    slug="proof-by-friends",
    name="Proof by Friends",
    tagline="Statistics, learned together and slowly",
    description=(
        "A study circle for people who use statistics and want to *understand* it.\n\n"
        "- one chapter a week\n- no question is too small\n- notes belong to everyone"
    ),
    language="en",
    timezone="America/New_York",
    currency="USD",
    arrivals=(2.6, 4.0),
    fission=0.3,
    staying=0.55,
    liveliness=1.8,
    contributions={"asked": 4, "answered": 5, "commented": 4, "published": 1, "helped": 1},
    responses={"completed": 6, "accepted": 2, "reacted": 5},
    cities=("Boston", "Toronto", "Chicago", "New York", "Montréal"),
    interests=("inference", "causality", "R", "Python", "teaching"),
    threads=(
        Thread(
            "Why divide by n - 1?",
            "I can repeat the proof, but I do not *feel* it. How would you say it to a friend?",
            (
                "You have used one number already: the mean. Only n - 1 of the distances are free to be anything.",
                "That is it. Thank you!",
            ),
            asks=True,
            helped=0,
        ),
        Thread(
            "Chapter 7: who reads along?",
            "We begin on Monday:\n\n- pages 141 to 160\n- exercises 3 and 8\n- questions here",
            (
                "I do, and I bring a data set of my bread.",
                "Me too. Exercise 8 looks nasty.",
            ),
        ),
        Thread(
            "A picture for confounding",
            "Does anybody have a drawing that works with students of fifteen?",
            ("Ice cream and sunburn, with the sun in the middle. It has never failed me.",),
            asks=True,
        ),
        Thread(
            "Next book: your vote",
            "We finish in three weeks. Which one do we open then?",
            (
                "The causal one, please. I have waited a year for it.",
                "Bayes, and slowly.",
            ),
            options=(
                "Causal inference, from the beginning",
                "Bayesian data analysis",
                "Graphics that do not lie",
            ),
        ),
    ),
)
GRID = Profile(
    type="tool",
    slug="grid-workshop",
    name="Grid Workshop",
    tagline="Spreadsheets that do the work while you have lunch",
    description=(
        "Bring a sheet that wastes your time; leave with one that saves it.\n\n"
        "- ask, and somebody takes it\n- templates you can use today\n- quiet is fine: come back with the next task"
    ),
    language="en",
    timezone="Europe/London",
    currency="GBP",
    arrivals=(2.7, 5.0),
    fission=0.2,
    staying=0.35,
    liveliness=0.8,
    contributions={"asked": 4, "answered": 4, "helped": 3, "published": 1},
    responses={"used": 9, "accepted": 3, "reacted": 2},
    cities=("London", "Leeds", "Dublin", "Glasgow", "Bristol"),
    interests=("formulas", "automation", "charts", "budgets", "data cleaning"),
    threads=(
        Thread(
            "Dates that are text",
            "A supplier sends dates as `3.4.25`. Half of them come out as March, half as April.",
            (
                "Split at the dots, and build the date from its parts: then nobody guesses.",
                "That solved it. Two hours a month, gone.",
            ),
            asks=True,
            helped=0,
        ),
        Thread(
            "Template: budget of a club",
            "Mine is in the files: one sheet a year, one line a month. Take it.",
            ("Taken, and it fits our choir.",),
        ),
        Thread(
            "Sum a column, but only what I can see",
            "I filter the list and the total at the bottom still counts everything.",
            (
                "`SUBTOTAL` with 109 counts what is visible.",
                "Mind the rows that you hid by hand: 9 counts those, 109 does not.",
            ),
            asks=True,
            helped=0,
        ),
        Thread(
            "What shall we automate together next month?",
            "One sheet, four evenings, everybody keeps the result.",
            ("Invoices. I type the same nine numbers every Friday.",),
            options=(
                "Invoices",
                "A rota for volunteers",
                "Reading bank statements",
            ),
        ),
    ),
)

PROFILES = (LANTERN, DAWN, TEA, PROOF, GRID)
