"""What teachers say: no child's name in it, since one sentence may go to several families."""

from __future__ import annotations

from random import Random

# (kind, sentence): the kind is one of the ready-made ones a teacher taps, or empty.
PRAISE: dict[str, tuple[tuple[str, str], ...]] = {
    "moral": (
        ("moral-help", "同学的水打翻了，第一个拿来拖把帮忙擦干。"),
        ("moral-help", "看到同桌忘带尺子，主动把自己的借给他。"),
        ("moral-help", ""),
        ("moral-polite", "见到老师和保洁阿姨都会大声问好。"),
        ("moral-polite", "进办公室先敲门，说话轻声细语。"),
        ("moral-honest", "捡到一块电话手表，马上交到了失物招领处。"),
        ("moral-honest", "打碎了花盆，自己来说明，还把地扫干净了。"),
        ("moral-care", "离开教室时记得关灯、关风扇。"),
        ("moral-care", "把图书角的书按大小摆得整整齐齐。"),
        ("moral-rule", "课间在走廊慢步轻声，还提醒了身边的同学。"),
        ("", "升旗时站得笔直，队礼敬得标准。"),
        ("", "主动把靠窗的好座位让给眼睛不舒服的同学。"),
    ),
    "study": (
        ("study-listen", "整节课眼睛都跟着老师，笔记也记得清楚。"),
        ("study-listen", ""),
        ("study-speak", "今天举手五次，每次回答声音都很响亮。"),
        ("study-speak", "第一次主动上台讲解自己的想法，讲得很清楚。"),
        ("study-think", "用画图的办法解出了思考题，还想到了第二种方法。"),
        ("study-think", "提出了一个连老师都要想一想的好问题。"),
        ("study-careful", "这一周的作业本页页工整，没有一处涂改。"),
        ("study-careful", "订正认真，错在哪里都写在了旁边。"),
        ("study-progress", "这次听写全对，比上次进步了很多。"),
        ("study-progress", "口算又快又准，看得出平时在坚持练。"),
        ("", "课文背得流利，还读出了感情。"),
        ("", "预习做得细，生字的组词比书上还多。"),
        ("", "小组讨论时先听别人说完，再讲自己的看法。"),
    ),
    "health": (
        ("health-sport", "跳绳一分钟比上个月多了二十下。"),
        ("health-sport", "跑步时落在后面也没有停，坚持到了终点。"),
        ("health-brave", "敢第一个尝试跳箱，落地稳稳的。"),
        ("health-brave", ""),
        ("health-calm", "比赛输了没有发脾气，还去祝贺对手。"),
        ("health-friend", "课间邀请新同学一起玩，大家都很开心。"),
        ("health-tidy", "饭前洗手做得认真，还会提醒同桌。"),
        ("health-tidy", "书包和抽屉收拾得干干净净。"),
        ("", "眼保健操动作标准，一个节拍都没有落下。"),
        ("", "中午光盘，还把餐盘摆得整齐。"),
    ),
    "art": (
        ("art-draw", "画里的秋天有四种黄色，观察得真仔细。"),
        ("art-draw", "用树叶拼出一只小狐狸，想法很特别。"),
        ("art-sing", "合唱时音准稳，带着身边的同学一起唱准了。"),
        ("art-sing", ""),
        ("art-write", "今天的钢笔字横平竖直，贴上了书法墙。"),
        ("art-write", "毛笔字起笔收笔都有了样子。"),
        ("art-show", "朗诵时大大方方，还配上了动作。"),
        ("", "黑板报的花边是自己设计的，大家都说好看。"),
        ("", "竖笛吹得流畅，节奏很稳。"),
    ),
    "labour": (
        ("labour-duty", "值日时把讲台和窗台都擦了一遍。"),
        ("labour-duty", ""),
        ("labour-clean", "清洁工具摆放得整整齐齐，受到值周老师表扬。"),
        ("labour-hands", "自己动手修好了松动的椅子。"),
        ("labour-hands", "种的蒜苗长到了十五厘米，每天都记录。"),
        ("labour-team", "大扫除分工有序，小组最先完成。"),
        ("", "午餐后主动留下来帮忙收餐盘。"),
        ("", "学会了钉纽扣，还教会了同桌。"),
    ),
}
# With a photo: what a child made or showed.
SHOWN = (
    ("art", "art-draw", "这幅《秋天的校园》用色大胆，层次分明。"),
    ("art", "art-draw", "彩泥小山村做得有远有近，很有耐心。"),
    ("labour", "labour-hands", "科学课上搭的纸桥，承住了三本书。"),
    ("study", "study-think", "数学小报图文清楚，把“倍”讲明白了。"),
    ("art", "art-write", "这张硬笔书法，笔画稳，布局匀。"),
    ("labour", "labour-team", "小组合作的落叶贴画，每个人都有一片叶子。"),
    ("health", "health-sport", "运动会接力，交接棒又稳又快。"),
    ("moral", "moral-care", "图书角换上了自己画的分类标签。"),
)
NOTICES = (
    ("明天穿校服", "明天上午有升旗仪式，请孩子穿校服、戴红领巾，七点五十前到校。"),
    ("周五体育课带跳绳", "周五测一分钟跳绳，请带长短合适的跳绳，穿运动鞋。"),
    ("最近降温，请添衣", "早晚温差大，请给孩子备一件外套，写上姓名，方便认领。"),
    ("下周一开始收集废旧纸盒", "科学课要做“纸桥”，请准备两三个干净的纸盒，不需要另外购买。"),
    ("本周读书推荐", "推荐和孩子一起读十分钟《安徒生童话》，聊一聊最喜欢的人物，不用写。"),
    ("放学时间提醒", "本周四下午教师培训，学生四点三十放学，请按时在校门口班级牌处接。"),
)
SCHOOL_NOTICE = (
    "本月安全提醒",
    "请不要让孩子独自到河边、水塘边玩；骑电动车接送请戴头盔。有事请直接找班主任。",
)


def praise(random: Random) -> tuple[str, str, str]:
    """(area, kind, sentence) as a teacher might say it; an empty sentence means the kind's own."""
    area = random.choices(tuple(PRAISE), weights=(26, 34, 14, 14, 12))[0]
    kind, sentence = random.choice(PRAISE[area])
    return area, kind, sentence
