#include "screen/identifier.h"

#include <assert.h>
#include <string.h>

#include "screen/han.h"

#define RESIDENT_BIRTH_YEAR_MIN 1850

static const char credit_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static bool refuse(const char **reason, const char *why)
{
        *reason = why;
        return false;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
        return c >= 'A' && c <= 'Z';
}

static bool is_digits(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (!is_digit(s.p[i]))
                        return false;
        return s.n > 0;
}

static int number_at(struct str s, size_t from, size_t to)
{
        int number = 0;
        for (size_t i = from; i < to; i++)
                number = 10 * number + (s.p[i] - '0');
        return number;
}

/* GB/T 2260, first two digits: provinces, and 81, 82, 83 as residence permits of
 * people from Hong Kong, Macao and Taiwan begin. Codes that were abolished below
 * this level stay valid on the cards that carry them. */
static bool is_province(int code)
{
        static const uint8_t codes[] = { 11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37,
                41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83 };
        return memchr(codes, code, sizeof(codes)) != NULL;
}

static char resident_check_char(struct str first17)
{
        static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
        int sum = 0;
        for (size_t i = 0; i < N_ELEMENTS(weights); i++)
                sum += weights[i] * (first17.p[i] - '0');
        return "10X98765432"[sum % 11];
}

static bool check_birth(int year, int month, int day, struct date today, const char **reason)
{
        struct date birth;
        if (year < RESIDENT_BIRTH_YEAR_MIN || !date_of(year, month, day, &birth))
                return refuse(reason, "出生日期不存在");
        if (!date_is_none(today) && date_cmp(birth, today) > 0)
                return refuse(reason, "出生日期晚于今天");
        return true;
}

static bool check_resident_id_15(struct str s, struct date today, const char **reason)
{
        return check_birth(1900 + number_at(s, 6, 8), number_at(s, 8, 10), number_at(s, 10, 12),
                        today, reason);
}

static bool check_resident_id(struct str s, struct date today, const char **reason)
{
        if (s.n != 18 && s.n != 15)
                return refuse(reason, "身份证号应为18位（旧证15位）");
        if (!is_digits(str_slice(s, 0, s.n == 18 ? 17 : 15)) ||
                        (s.n == 18 && !is_digit(s.p[17]) && s.p[17] != 'X'))
                return refuse(reason, "身份证号含有不允许的字符");
        if (!is_province(number_at(s, 0, 2)))
                return refuse(reason, "行政区划代码不存在");
        if (s.n == 15)
                return check_resident_id_15(s, today, reason);
        if (!check_birth(number_at(s, 6, 10), number_at(s, 10, 12), number_at(s, 12, 14), today,
                            reason))
                return false;
        if (s.p[17] != resident_check_char(s))
                return refuse(reason, "校验码不符，请核对是否录错");
        return true;
}

/* GB 11714: ten is written X, eleven 0. */
static char org_check_char(struct str first8)
{
        static const int weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
        int sum = 0;
        for (size_t i = 0; i < N_ELEMENTS(weights); i++) {
                char c = first8.p[i];
                sum += weights[i] * (is_digit(c) ? c - '0' : c - 'A' + 10);
        }
        int check = 11 - sum % 11;
        return check == 10 ? 'X' : check == 11 ? '0' : (char)('0' + check);
}

static bool is_org_code(struct str s)
{
        for (size_t i = 0; i < 8; i++)
                if (!is_digit(s.p[i]) && !is_upper(s.p[i]))
                        return false;
        return s.p[8] == org_check_char(s);
}

static bool check_org_code(struct str s, struct date today, const char **reason)
{
        (void)today;
        char joined[9];
        if (s.n == 10 && s.p[8] == '-') { /* as printed: 60003734-1 */
                memcpy(joined, s.p, 8);
                joined[8] = s.p[9];
                s = (struct str){ joined, 9 };
        }
        if (s.n != 9)
                return refuse(reason, "组织机构代码应为9位");
        return is_org_code(s) || refuse(reason, "组织机构代码校验码不符");
}

static int credit_value(char c)
{
        const char *at = c != '\0' ? strchr(credit_alphabet, c) : NULL;
        return at != NULL ? (int)(at - credit_alphabet) : -1;
}

static char credit_check_char(struct str first17)
{
        static const int weights[] = { 1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30,
                28 };
        int sum = 0;
        for (size_t i = 0; i < N_ELEMENTS(weights); i++)
                sum += weights[i] * credit_value(first17.p[i]);
        return credit_alphabet[(31 - sum % 31) % 31];
}

static bool check_credit_code(struct str s, struct date today, const char **reason)
{
        (void)today;
        if (s.n != 18)
                return refuse(reason, "统一社会信用代码应为18位");
        for (size_t i = 0; i < s.n; i++)
                if (credit_value(s.p[i]) < 0)
                        return refuse(reason,
                                        "统一社会信用代码含有不允许的字符（不用I、O、S、V、Z）");
        if (!is_digits(str_slice(s, 2, 8)))
                return refuse(reason, "第3至8位应为行政区划数字");
        int province = number_at(s, 2, 4);
        if (province != 10 && !is_province(province)) /* 100000: registered nationally */
                return refuse(reason, "行政区划代码不存在");
        if (!is_org_code(str_slice(s, 8, 17)))
                return refuse(reason, "第9至17位的组织机构代码校验码不符");
        if (s.p[17] != credit_check_char(s))
                return refuse(reason, "校验码不符，请核对是否录错");
        return true;
}

static bool is_luhn(struct str digits)
{
        int sum = 0;
        for (size_t i = 0; i < digits.n; i++) {
                int d = digits.p[digits.n - 1 - i] - '0';
                if (i % 2 == 1)
                        d = d > 4 ? 2 * d - 9 : 2 * d;
                sum += d;
        }
        return sum % 10 == 0;
}

static bool check_bank_card(struct str s, struct date today, const char **reason)
{
        (void)today;
        if (!is_digits(s) || s.n < 13 || s.n > 19)
                return refuse(reason, "银行卡号应为13至19位数字");
        if (s.p[0] == '0')
                return refuse(reason, "银行卡号不以0开头");
        return is_luhn(s) || refuse(reason, "银行卡号校验不符，请核对是否录错");
}

static bool check_mobile(struct str s, struct date today, const char **reason)
{
        (void)today;
        if (!is_digits(s) || s.n != 11)
                return refuse(reason, "手机号应为11位数字");
        if (s.p[0] != '1' || s.p[1] < '3')
                return refuse(reason, "手机号应以13至19开头");
        return true;
}

/* [0AAA-]NNNNNNN[N][-extension], 400-NNN-NNNN or 800; hyphens may be missing. */
static bool check_phone(struct str s, struct date today, const char **reason)
{
        (void)today;
        char digits[24];
        size_t n = 0, n_hyphens = 0, extension = 0;
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == '-' && i > 0 && i + 1 < s.n && s.p[i - 1] != '-') {
                        n_hyphens++;
                        extension = n;
                        continue;
                }
                if (!is_digit(s.p[i]) || n == sizeof(digits))
                        return refuse(reason, "电话号码只能有数字和短横");
                digits[n++] = s.p[i];
        }
        if (n == 10 && (digits[0] == '4' || digits[0] == '8') && digits[1] == '0' &&
                        digits[2] == '0')
                return true;
        size_t area = 0;
        if (n > 0 && digits[0] == '0')
                area = n > 1 && (digits[1] == '1' || digits[1] == '2') ? 3 : 4;
        /* A hyphen behind area and number sets off an extension of 1 to 6 digits. */
        if (n_hyphens > 0 && extension >= area + 7 && n - extension <= 6)
                n = extension;
        if (n < area + 7 || n > area + 8)
                return refuse(reason, "固定电话应为7至8位，可带区号");
        if (digits[area] < '2')
                return refuse(reason, "固定电话号码不以0或1开头");
        return true;
}

static bool check_passport(struct str s, struct date today, const char **reason)
{
        (void)today;
        size_t letters = 0;
        while (letters < s.n && letters < 2 && is_upper(s.p[letters]))
                letters++;
        struct str rest = str_slice(s, letters, s.n);
        if (letters == 0 || !is_digits(rest) || rest.n < 7 || rest.n > 8)
                return refuse(reason, "护照号应为1至2个字母加7至8位数字");
        return true;
}

static bool check_hk_macao(struct str s, struct date today, const char **reason)
{
        (void)today;
        if (s.n == 0 || (s.p[0] != 'H' && s.p[0] != 'M') || (s.n != 9 && s.n != 11) ||
                        !is_digits(str_slice(s, 1, s.n)))
                return refuse(reason, "港澳居民来往内地通行证号应为H或M加8或10位数字");
        return true;
}

static bool check_taiwan(struct str s, struct date today, const char **reason)
{
        (void)today;
        if (!is_digits(s) || (s.n != 8 && s.n != 10))
                return refuse(reason, "台湾居民来往大陆通行证号应为8或10位数字");
        return true;
}

static bool is_local_char(char c)
{
        return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') ||
               (c != '\0' && strchr("._%+-", c) != NULL);
}

/* Labels of letters, digits and inner hyphens; the last one of letters. */
static bool is_domain(struct str domain)
{
        size_t n_labels = 0;
        struct str label = { NULL, 0 };
        for (struct str rest = domain; rest.p != NULL; n_labels++) {
                label = str_split(&rest, '.');
                if (label.n == 0 || label.n > 63 || label.p[0] == '-' ||
                                label.p[label.n - 1] == '-')
                        return false;
                for (size_t i = 0; i < label.n; i++)
                        if (!is_local_char(label.p[i]) || strchr("_%+", label.p[i]) != NULL)
                                return false;
        }
        for (size_t i = 0; i < label.n; i++)
                if (is_digit(label.p[i]) || label.p[i] == '-')
                        return false;
        return n_labels >= 2 && label.n >= 2;
}

static bool check_email(struct str s, struct date today, const char **reason)
{
        (void)today;
        struct str domain = s;
        struct str local = str_split(&domain, '@');
        bool ok = domain.p != NULL && local.n >= 1 && local.n <= 64 && domain.n <= 253 &&
                  local.p[0] != '.' && local.p[local.n - 1] != '.' && is_domain(domain);
        for (size_t i = 0; ok && i < local.n; i++)
                ok = is_local_char(local.p[i]) && !(local.p[i] == '.' && local.p[i + 1] == '.');
        return ok || refuse(reason, "电子邮箱应为 名称@域名");
}

static bool check_plate(struct str s, struct date today, const char **reason)
{
        (void)today;
        size_t at = 0;
        if (s.n == 0 || !han_is_plate_province(str_code_point(s, &at)) || at >= s.n ||
                        !is_upper(s.p[at]) || s.p[at] == 'I')
                return refuse(reason, "号牌应以省份简称和字母开头");
        size_t n_digits = 0, n = 0;
        for (at++; at < s.n; n++) {
                uint32_t c = str_code_point(s, &at);
                bool last = at == s.n && han_is_plate_suffix(c);
                if (!last && !(c < 0x80 && (is_digit((char)c) || is_upper((char)c))))
                        return refuse(reason, "号牌含有不允许的字符");
                if (c == 'I' || c == 'O')
                        return refuse(reason, "号牌不用字母I和O");
                n_digits += c < 0x80 && is_digit((char)c);
        }
        if (n < 5 || n > 6 || n_digits < 2)
                return refuse(reason, "号牌应有5或6位序号");
        return true;
}

static bool check_person_name(struct str s, struct date today, const char **reason)
{
        (void)today;
        size_t n = 0, n_dots = 0;
        uint32_t c = 0;
        for (size_t at = 0; at < s.n; n++) {
                c = str_code_point(s, &at);
                bool dot = c == 0xB7 && n > 0;
                n_dots += dot;
                if (!dot && !han_is(c))
                        return refuse(reason, "姓名应为汉字");
        }
        if (n < 2 || c == 0xB7 || n > (n_dots > 0 ? 20u : 4u))
                return refuse(reason, "姓名应为2至4个汉字");
        return true;
}

static bool check_address(struct str s, struct date today, const char **reason)
{
        (void)today;
        bool street = false;
        uint32_t before = 0;
        for (size_t at = 0; at < s.n;) {
                uint32_t c = str_code_point(s, &at);
                size_t next = at;
                if (street && han_is_door(c))
                        return true;
                street |= han_is_street(before, c, at < s.n ? str_code_point(s, &next) : 0);
                before = c;
        }
        return refuse(reason, "住址应写到路、街或村及门牌号");
}

struct kind_row {
        const char *name, *label;
        bool (*check)(struct str, struct date, const char **);
        size_t max;   /* bytes */
        bool is_code; /* upper-cased, blanks and hyphens dropped */
};

static const struct kind_row kinds[N_IDENTIFIER_KINDS] = {
        [IDENTIFIER_RESIDENT_ID] = { "resident_id", "居民身份证号", check_resident_id, 18, true },
        [IDENTIFIER_CREDIT_CODE] = { "credit_code", "统一社会信用代码", check_credit_code, 18,
                        true },
        [IDENTIFIER_ORG_CODE] = { "org_code", "组织机构代码", check_org_code, 10, true },
        [IDENTIFIER_BANK_CARD] = { "bank_card", "银行卡号", check_bank_card, 19, true },
        [IDENTIFIER_MOBILE] = { "mobile", "手机号", check_mobile, 11, true },
        [IDENTIFIER_PHONE] = { "phone", "固定电话", check_phone, 24, true },
        [IDENTIFIER_PASSPORT] = { "passport", "护照号", check_passport, 10, true },
        [IDENTIFIER_HK_MACAO_PERMIT] = { "hk_macao_permit", "港澳居民来往内地通行证号",
                        check_hk_macao, 11, true },
        [IDENTIFIER_TAIWAN_PERMIT] = { "taiwan_permit", "台湾居民来往大陆通行证号", check_taiwan,
                        10, true },
        [IDENTIFIER_EMAIL] = { "email", "电子邮箱", check_email, 320, false },
        [IDENTIFIER_PLATE] = { "plate", "机动车号牌", check_plate, 16, true },
        [IDENTIFIER_NAME] = { "name", "姓名", check_person_name, 64, false },
        [IDENTIFIER_ADDRESS] = { "address", "住址", check_address, 512, false },
};

const char *identifier_name(enum identifier_kind kind)
{
        return kinds[kind].name;
}

const char *identifier_label(enum identifier_kind kind)
{
        return kinds[kind].label;
}

bool identifier_kind_of(struct str name, enum identifier_kind *ret)
{
        for (size_t i = 0; i < N_IDENTIFIER_KINDS; i++) {
                if (!str_is(name, kinds[i].name))
                        continue;
                *ret = (enum identifier_kind)i;
                return true;
        }
        return false;
}

static char to_upper(char c)
{
        return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool identifier_check(
                enum identifier_kind kind, struct str text, struct date today, const char **reason)
{
        assert(kind < N_IDENTIFIER_KINDS);
        const struct kind_row *row = &kinds[kind];
        char upper[32];
        if (text.n == 0)
                return refuse(reason, "没有填写");
        if (!str_is_utf8(text))
                return refuse(reason, "不是有效的 UTF-8 文字");
        if (row->is_code && text.n <= row->max) {
                for (size_t i = 0; i < text.n; i++)
                        upper[i] = to_upper(text.p[i]);
                text.p = upper;
        }
        if (text.n > row->max)
                return refuse(reason, row->is_code ? "位数过多" : "内容过长");
        return row->check(text, today, reason);
}

/* What stands between the characters of a number and says nothing. The hyphen
 * before a phone's extension does: it comes behind a whole number. */
static bool is_filler(enum identifier_kind kind, const struct buf *number, uint32_t c)
{
        if (kind == IDENTIFIER_PLATE && (c == 0xB7 || c == 0x2022))
                return true;
        if (kind == IDENTIFIER_PHONE && han_is_hyphen(c))
                return number->n < (number->n > 0 && number->p[0] == '0' ? 10 : 7);
        return han_is_blank(c) || han_is_hyphen(c);
}

struct str identifier_normalize(struct arena *arena, enum identifier_kind kind, struct str text)
{
        struct buf buf = BUF(arena);
        bool domain = false;
        if (!str_is_utf8(text))
                return text;
        for (size_t at = 0; at < text.n;) {
                uint32_t c = han_half_width(str_code_point(text, &at));
                char utf8[4];
                if (kinds[kind].is_code && is_filler(kind, &buf, c))
                        continue;
                if (kind == IDENTIFIER_PHONE && han_is_hyphen(c))
                        c = '-';
                if (kinds[kind].is_code && c < 0x80)
                        c = (unsigned char)to_upper((char)c);
                domain |= kind == IDENTIFIER_EMAIL && c == '@';
                if (domain && c >= 'A' && c <= 'Z')
                        c += 'a' - 'A';
                buf_add(&buf, utf8, str_encode_utf8(c, utf8));
        }
        return str_trim(buf_str(&buf));
}

struct date identifier_birth_date(struct str resident_id)
{
        assert(resident_id.n == 18 || resident_id.n == 15);
        size_t at = resident_id.n == 18 ? 10 : 8;
        int year = resident_id.n == 18 ? number_at(resident_id, 6, 10)
                                       : 1900 + number_at(resident_id, 6, 8);
        struct date birth;
        bool ok = date_of(year, number_at(resident_id, at, at + 2),
                        number_at(resident_id, at + 2, at + 4), &birth);
        assert(ok);
        return birth;
}

/* 周岁: a full year is reached on the birthday (民法典 第十三条 and 第二百条). */
int identifier_age(struct str resident_id, struct date on)
{
        int year, month, day, now, now_month, now_day;
        date_parts(identifier_birth_date(resident_id), &year, &month, &day);
        date_parts(on, &now, &now_month, &now_day);
        return now - year - (now_month < month || (now_month == month && now_day < day));
}

bool identifier_is_male(struct str resident_id)
{
        assert(resident_id.n == 18 || resident_id.n == 15);
        return (resident_id.p[resident_id.n == 18 ? 16 : 14] - '0') % 2 == 1;
}

struct str identifier_probe(struct arena *arena, struct str line)
{
        enum identifier_kind kind;
        struct date today = DATE_NONE;
        struct err err;
        const char *reason = "";
        struct str name = str_split(&line, '\t'), value = str_split(&line, '\t');
        if (!identifier_kind_of(name, &kind))
                return STR_LIT("bad\t没有这种标识");
        if (line.p != NULL && !date_parse(line, &today, &err))
                return STR_LIT("bad\t第三格应为日期");
        if (identifier_check(kind, value, today, &reason))
                return STR_LIT("ok");
        return str_format(arena, "bad\t%s", reason);
}

struct str identifier_make_resident_id(
                struct arena *arena, struct str region, struct date birth, int serial)
{
        assert(region.n == 6 && is_digits(region) && is_province(number_at(region, 0, 2)));
        assert(serial >= 0 && serial <= 999);
        int year, month, day;
        date_parts(birth, &year, &month, &day);
        assert(year >= RESIDENT_BIRTH_YEAR_MIN);
        struct str first17 = str_format(
                        arena, "%.*s%04d%02d%02d%03d", STR_FMT(region), year, month, day, serial);
        return str_format(arena, "%.*s%c", STR_FMT(first17), resident_check_char(first17));
}

struct str identifier_make_credit_code(
                struct arena *arena, struct str prefix, struct str region, int serial)
{
        assert(prefix.n == 2 && credit_value(prefix.p[0]) >= 0 && credit_value(prefix.p[1]) >= 0);
        assert(region.n == 6 && is_digits(region) && is_province(number_at(region, 0, 2)));
        assert(serial >= 0 && serial <= 99999999);
        struct str org = str_format(arena, "%08d", serial);
        struct str first17 = str_format(arena, "%.*s%.*s%.*s%c", STR_FMT(prefix), STR_FMT(region),
                        STR_FMT(org), org_check_char(org));
        return str_format(arena, "%.*s%c", STR_FMT(first17), credit_check_char(first17));
}
