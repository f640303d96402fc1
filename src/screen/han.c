#include "screen/han.h"

bool han_is_in(uint32_t c, struct str list)
{
        for (size_t at = 0; at < list.n;)
                if (str_code_point(list, &at) == c)
                        return true;
        return false;
}

bool han_is(uint32_t c)
{
        return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3007 ||
               (c >= 0x20000 && c <= 0x323AF) || (c >= 0xF900 && c <= 0xFAFF);
}

uint32_t han_half_width(uint32_t c)
{
        if (c >= 0xFF01 && c <= 0xFF5E)
                return c - 0xFF01 + '!';
        return c == 0x3000 ? ' ' : c;
}

bool han_is_blank(uint32_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || c == 0x3000 || c == 0xAD ||
               (c >= 0x2000 && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
               c == 0x205F || c == 0x2060 || c == 0xFEFF;
}

bool han_is_hyphen(uint32_t c)
{
        return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE63 ||
               c == 0xFF0D;
}

int han_digit(uint32_t c)
{
        static const uint32_t digits[] = { 0x3007, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D,
                0x4E03, 0x516B, 0x4E5D };
        if (c == 0x96F6)
                return 0;
        for (int i = 0; i < 10; i++)
                if (digits[i] == c)
                        return i;
        return -1;
}

bool han_is_street(uint32_t before, uint32_t c, uint32_t after)
{
        static const uint32_t jie = 0x8857, dao = 0x9053; /* 街 道 */
        if (c == jie)
                return after != dao;
        if (c == dao)
                return before != jie;
        if (han_is_in(c, STR_LIT("路巷弄村屯苑")))
                return true;
        switch (c) {
        case 0x533A: /* 小区, not 思明区 */
                return before == 0x5C0F;
        case 0x91CC: /* 湖明里, not 公里 这里 那里 哪里 */
                return !han_is_in(before, STR_LIT("公这那哪里"));
        case 0x56ED: /* 花园 家园 庄园 */
                return han_is_in(before, STR_LIT("花家庄"));
        case 0x53A6: /* 大厦 */
                return before == 0x5927;
        case 0x5BD3: /* 公寓 */
                return before == 0x516C;
        default:
                return false;
        }
}

bool han_is_door(uint32_t c)
{
        return han_is_in(c, STR_LIT("号室栋幢座楼层单"));
}

bool han_is_plate_province(uint32_t c)
{
        return han_is_in(c,
                        STR_LIT("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"));
}

bool han_is_plate_suffix(uint32_t c)
{
        return han_is_in(c, STR_LIT("学警挂港澳使领"));
}

/* The surnames in common use; characters that are also function words (于 应 向
 * 和 连 时 都 有 成 经) are left out on purpose, see detect.c. */
static const struct str surnames = STR_LIT(
                "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘蒋"
                "蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎"
                "段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤温康施洪柯翁欧庄骆涂纪游詹池卓阮赖"
                "简邢倪毕聂齐庞樊兰殷岳章鲁葛俞辛管祝柴蒲伍植牛尤路喻宁关童凌盛裴舒屈项梅柳祁苗"
                "缪耿焦骞冼邬穆靳");
static const struct str compound_surnames =
                STR_LIT("欧阳司马上官诸葛司徒东方夏侯皇甫尉迟公孙慕容令狐端木申屠独孤南宫宇文长孙");

size_t han_surname(const uint32_t *name, size_t n)
{
        if (n >= 2) {
                for (size_t at = 0; at < compound_surnames.n;) {
                        uint32_t first = str_code_point(compound_surnames, &at);
                        if (str_code_point(compound_surnames, &at) == name[1] && first == name[0])
                                return 2;
                }
        }
        return n >= 1 && han_is_in(name[0], surnames) ? 1 : 0;
}
