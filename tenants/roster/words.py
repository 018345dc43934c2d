"""Words that schools use in headings and cells, as lists a person can read and add to."""

from __future__ import annotations

# Columns offices keep for themselves, and those of the state's registration form that the
# platform has no use for: left alone, and listed as left alone.
UNUSED = """
序号 序 编号 no 原因 民族 籍贯 政治面貌 户口所在地 家庭住址 住址 地址 现住址 年龄
学校标识码 学校名称 学校 姓名拼音 曾用名 出生地 出生地行政区划码 国籍 国籍/地区
国籍地区 身份证件类型 证件类型 港澳台侨外 港澳台侨 健康状况 户口性质 户口类别
户口所在地行政区划码 户口所在地行政区划 特长 学籍辅号 学生辅号 入学年月 入学年份 入学日期
入学时间 入学方式 就读方式 学生来源 通信地址 通讯地址 家庭地址 邮政编码 邮编 电子信箱
邮箱 主页地址 是否独生子女 独生子女 是否受过学前教育 是否留守儿童 留守儿童 是否随迁子女
是否进城务工人员随迁子女 是否孤儿 是否烈士或优抚子女 是否烈士子女 是否需要申请资助
是否享受一补 上下学距离 上下学交通方式 上下学方式 是否需要乘坐校车 是否乘坐校车
身份证件有效期 血型 随班就读 残疾类型 残疾人类型 是否由政府购买学位 学生类别 宗教信仰
身高 体重 照片 卡片id 卡号 是否住校 住宿 宿舍 走读 毕业学校 幼儿园 毕业幼儿园
录入时间 更新时间 职业 工作单位 单位
"""
# A guardian of whom a heading does not say which.
ANYBODY = """
监护人 监护 家长 联系人 紧急联系人 紧急 亲属 家属 家庭成员 成员 父母 父母亲 爸爸妈妈
家庭 parent guardian contact emergencycontact
familymember family
"""
# A phone, in a heading.
PHONES = """
联系电话 联系方式 联系手机 联系号码 手机号码 手机号 手机 电话号码 电话号 电话 移动电话
固定电话 phonenumber phoneno phone mobile tel
cellphone telephone
"""
# A relation, in a heading.
RELATIONS_SAID = """
关系 称谓 称呼 亲属关系 家庭关系 relationship relation
"""
# A name, in a heading.
NAMES_SAID = """
姓名 名字 名 name fullname
"""
# What else a form asks of guardians.
ASIDES_SAID = """
关系说明 工作单位 单位 职业 职务 学历 文化程度 民族 现住址 住址 家庭住址 地址 邮箱
微信 微信号 qq 身份证号 身份证 身份证号码 身份证件类型 身份证件号 证件类型 证件号码
证件号 户口所在地行政区划码 户口所在地行政区划 户口所在地 是否监护人 是否同住 出生日期
出生年月 年龄 健康状况 政治面貌 email wechat
"""
# The child itself, in a heading.
PUPIL_SAID = """
学生 孩子 本人 学员 student child
"""
# Words in a heading that change nothing.
FILLERS = """
的 与 和 及 之 或 是 为 主要 法定 信息 情况 基本 资料 一栏 s' s of the
联系
"""
# A second number of the same person.
SPARE = """
备用 其他 其它 另一 备选 第二备用
"""
# What people write where there is nothing to write; such a cell counts as empty.
NOTHING = r"""
无 - -- — —— / // \ 、 . 。 * × x null none nan n/a
na nil #n/a #na 不详 不明 未知 暂无 没有 空 未填 待定 待填 待补 待补充
未提供 未登记 同上 无数据 (空) 空白
"""
# Words in the place of a name that are no person.
NOBODY = """
合计 小计 总计 共计 总人数 人数 男生 女生 男 女 班主任 班主任签名 老师 教师
任课教师 姓名 学生姓名 学生 家长 监护人 家长姓名 测试 示例 样例
"""


def words_of(text: str) -> frozenset[str]:
    """The words of a list above."""
    return frozenset(text.split())
