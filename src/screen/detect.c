#include "screen/detect.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "screen/han.h"

#define RUN_MAX       20 /* characters of the longest number, and one to see that it goes on */
#define GAP_MAX       4  /* blanks, hyphens, line breaks between two characters of a number */
#define CONTEXT_BYTES 60 /* how far before a number its word may stand */

/* The text one code point a cell, half-width; `at` is where it stood. */
struct cell {
        uint32_t c, at;
};

struct candidate {
        enum identifier_kind kind;
        uint32_t from, to; /* cells */
        bool suspect;
};

struct scan {
        struct arena *arena;
        struct str text;
        const struct detect_options *options;
        struct cell *cells; /* n and one more, whose c is 0 and whose at is text.n */
        size_t n;
        struct buf candidates;
};

static bool is_digit(uint32_t c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(uint32_t c)
{
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_alnum(uint32_t c)
{
        return is_digit(c) || is_letter(c);
}

static uint32_t cell_at(const struct scan *scan, size_t i)
{
        return i < scan->n ? scan->cells[i].c : 0;
}

static uint32_t cell_before(const struct scan *scan, size_t i)
{
        return i > 0 ? scan->cells[i - 1].c : 0;
}

static void add(struct scan *scan, enum identifier_kind kind, size_t from, size_t to, bool suspect)
{
        struct candidate candidate = { kind, (uint32_t)from, (uint32_t)to, suspect };
        buf_add(&scan->candidates, &candidate, sizeof(candidate));
}

/* ---- numbers ---- */

/* Letters and digits from one place on, whatever stands between them. */
struct run {
        char c[RUN_MAX];      /* upper-case */
        size_t end[RUN_MAX];  /* cell behind each */
        bool joined[RUN_MAX]; /* something stood before it */
        size_t n, from;
        bool whole_start; /* no letter or digit directly before */
        bool chinese;     /* numerals 〇 to 九 */
};

static size_t skip_gap(const struct scan *scan, size_t i)
{
        size_t at = i;
        while (at < scan->n && at - i < GAP_MAX &&
                        (han_is_blank(scan->cells[at].c) || han_is_hyphen(scan->cells[at].c)))
                at++;
        return at;
}

static char run_char(const struct run *run, uint32_t c)
{
        if (run->chinese)
                return han_digit(c) >= 0 ? (char)('0' + han_digit(c)) : '\0';
        if (!is_alnum(c))
                return '\0';
        return (char)(c >= 'a' ? c - 'a' + 'A' : c);
}

static void gather(const struct scan *scan, size_t from, struct run *run)
{
        uint32_t first = scan->cells[from].c;
        *run = (struct run){ .from = from,
                .chinese = !is_alnum(first),
                .whole_start = !is_alnum(cell_before(scan, from)) };
        for (size_t i = from; run->n < RUN_MAX;) {
                size_t next = run->n == 0 ? i : skip_gap(scan, i);
                char c = run_char(run, cell_at(scan, next));
                if (c == '\0')
                        return;
                run->c[run->n] = c;
                run->joined[run->n] = next != i;
                i = next + 1;
                run->end[run->n++] = i;
        }
}

/* May a number of this length end here: is it not part of a longer one? */
static bool ends_at(const struct scan *scan, const struct run *run, size_t length)
{
        uint32_t next = cell_at(scan, run->end[length - 1]);
        if (run->chinese)
                return han_digit(next) < 0;
        return is_digit((unsigned char)run->c[length - 1]) ? !is_digit(next) : !is_alnum(next);
}

static bool is_contiguous(const struct run *run, size_t length)
{
        for (size_t i = 1; i < length; i++)
                if (run->joined[i])
                        return false;
        return true;
}

static bool all_digits(const char *c, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!is_digit((unsigned char)c[i]))
                        return false;
        return true;
}

/* Does one of the words (blanks between) stand shortly before, in this sentence? */
static bool has_context(const struct scan *scan, size_t from, const char *words)
{
        size_t end = scan->cells[from].at, start = end > CONTEXT_BYTES ? end - CONTEXT_BYTES : 0;
        struct str before = str_slice(scan->text, start, end), rest = str_of(words);
        for (size_t stop; (stop = str_find(before, STR_LIT("。"))) != SIZE_MAX;)
                before = str_slice(before, stop + 1, before.n);
        while (rest.p != NULL)
                if (str_find(before, str_split(&rest, ' ')) != SIZE_MAX)
                        return true;
        return false;
}

static bool passes(const struct scan *scan, enum identifier_kind kind, const char *c, size_t n)
{
        const char *reason;
        return identifier_check(kind, (struct str){ c, n }, scan->options->today, &reason);
}

/* The birth date may exist even where region or check character is mistyped. */
static bool has_birth_date(const char *c)
{
        struct date date;
        int year = 0, month = 10 * (c[10] - '0') + c[11] - '0';
        for (size_t i = 6; i < 10; i++)
                year = 10 * year + c[i] - '0';
        return year >= 1850 && year < 2100 &&
               date_of(year, month, 10 * (c[12] - '0') + c[13] - '0', &date);
}

static bool is_credit_shape(const char *c)
{
        for (size_t i = 0; i < 18; i++)
                if (strchr("IOSVZ", c[i]) != NULL)
                        return false;
        return all_digits(c + 2, 6);
}

static void try_18(struct scan *scan, const struct run *run)
{
        const char *c = run->c;
        size_t to = run->end[17];
        bool resident = all_digits(c, 17) && (is_digit((unsigned char)c[17]) || c[17] == 'X');
        bool contiguous = is_contiguous(run, 18);
        bool code = run->whole_start && !is_alnum(cell_at(scan, to)) && !run->chinese;
        if (resident && passes(scan, IDENTIFIER_RESIDENT_ID, c, 18))
                add(scan, IDENTIFIER_RESIDENT_ID, run->from, to, false);
        else if (code && passes(scan, IDENTIFIER_CREDIT_CODE, c, 18))
                add(scan, IDENTIFIER_CREDIT_CODE, run->from, to, false);
        else if (resident && (has_birth_date(c) || (contiguous && c[0] >= '1' && c[0] <= '8')))
                add(scan, IDENTIFIER_RESIDENT_ID, run->from, to, true);
        else if (code && contiguous && is_credit_shape(c))
                add(scan, IDENTIFIER_CREDIT_CODE, run->from, to, true);
}

static void try_bank_card(struct scan *scan, const struct run *run, size_t length)
{
        bool named = has_context(scan, run->from, "卡号 账号 帐号 账户 帐户 开户行 银行卡");
        if (!named && (run->c[0] != '6' || run->c[1] != '2'))
                return;
        bool valid = passes(scan, IDENTIFIER_BANK_CARD, run->c, length);
        if (valid || named || is_contiguous(run, length))
                add(scan, IDENTIFIER_BANK_CARD, run->from, run->end[length - 1], !valid);
}

/* 138 1234 5678, also behind 0, 86 or 0086. A first group of one or two digits is
 * a column of figures rather than a number. */
static void try_mobile(struct scan *scan, const struct run *run, size_t length)
{
        static const struct {
                size_t n;
                const char *text;
        } prefixes[] = { { 0, "" }, { 1, "0" }, { 2, "86" }, { 4, "0086" } };
        for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
                size_t n = prefixes[i].n;
                if (length != n + 11 || memcmp(run->c, prefixes[i].text, n) != 0 ||
                                run->joined[n + 1] || run->joined[n + 2])
                        continue;
                if (passes(scan, IDENTIFIER_MOBILE, run->c + n, 11))
                        add(scan, IDENTIFIER_MOBILE, run->from, run->end[length - 1], false);
        }
}

static void try_phone(struct scan *scan, const struct run *run, size_t length)
{
        if (!passes(scan, IDENTIFIER_PHONE, run->c, length))
                return;
        size_t area = run->c[0] != '0' ? 0 : run->c[1] <= '2' ? 3 : 4;
        if ((area > 0 && run->joined[area] && is_contiguous(run, area)) ||
                        has_context(scan, run->from, "电话 座机 传真 联系方式"))
                add(scan, IDENTIFIER_PHONE, run->from, run->end[length - 1], false);
}

static void try_digits(struct scan *scan, const struct run *run, size_t length)
{
        if (length >= 13 && length <= 19)
                try_bank_card(scan, run, length);
        if (length == 15 && passes(scan, IDENTIFIER_RESIDENT_ID, run->c, 15))
                add(scan, IDENTIFIER_RESIDENT_ID, run->from, run->end[14], false);
        if (length >= 11 && length <= 15)
                try_mobile(scan, run, length);
        if (length >= 7 && length <= 12 && !run->chinese)
                try_phone(scan, run, length);
        if ((length == 8 || length == 10) && has_context(scan, run->from, "台胞证 来往大陆通行证"))
                add(scan, IDENTIFIER_TAIWAN_PERMIT, run->from, run->end[length - 1], false);
}

/* Organisation codes are nine of anything: only as printed, or behind their name. */
static void try_org_code(struct scan *scan, const struct run *run)
{
        bool printed = is_contiguous(run, 8) && run->end[8] == run->end[7] + 2 &&
                       han_is_hyphen(scan->cells[run->end[7]].c);
        bool valid = passes(scan, IDENTIFIER_ORG_CODE, run->c, 9);
        bool named = has_context(scan, run->from, "机构代码");
        if ((valid && (printed || named)) || (named && is_contiguous(run, 8)))
                add(scan, IDENTIFIER_ORG_CODE, run->from, run->end[8], !valid);
}

static void try_codes(struct scan *scan, const struct run *run, size_t length)
{
        size_t to = run->end[length - 1];
        if (!run->whole_start || is_alnum(cell_at(scan, to)) || run->chinese)
                return;
        if (length == 9)
                try_org_code(scan, run);
        if (is_digit((unsigned char)run->c[0]))
                return;
        if (passes(scan, IDENTIFIER_HK_MACAO_PERMIT, run->c, length))
                add(scan, IDENTIFIER_HK_MACAO_PERMIT, run->from, to, false);
        if (passes(scan, IDENTIFIER_PASSPORT, run->c, length) &&
                        has_context(scan, run->from, "护照"))
                add(scan, IDENTIFIER_PASSPORT, run->from, to, false);
}

static void scan_numbers(struct scan *scan, size_t from)
{
        struct run run;
        gather(scan, from, &run);
        for (size_t length = 7; length <= run.n && length <= 19; length++) {
                if (!ends_at(scan, &run, length))
                        continue;
                if (length == 18)
                        try_18(scan, &run);
                if (all_digits(run.c, length))
                        try_digits(scan, &run, length);
                if (length <= 11)
                        try_codes(scan, &run, length);
        }
}

/* Numbers begin where letters or digits do, and where digits follow letters. */
static bool begins_number(const struct scan *scan, size_t i)
{
        uint32_t c = scan->cells[i].c, before = cell_before(scan, i);
        if (han_digit(c) >= 0)
                return han_digit(before) < 0;
        return is_alnum(c) && (!is_alnum(before) || (is_digit(c) && !is_digit(before)));
}

/* ---- plates and emails ---- */

static void scan_plate(struct scan *scan, size_t from)
{
        char plate[32];
        size_t n = 0, i = from, n_letters = 0;
        if (!han_is_plate_province(scan->cells[from].c))
                return;
        n += str_encode_utf8(scan->cells[i++].c, plate);
        for (size_t gap = 0; n_letters < 8 && i < scan->n; i++) {
                uint32_t c = scan->cells[i].c;
                if (n_letters <= 1 && gap < 2 &&
                                (c == 0xB7 || c == 0x2022 || c == '.' || han_is_blank(c))) {
                        gap++;
                        continue;
                }
                if (!is_alnum(c) && !(n_letters >= 5 && han_is_plate_suffix(c)))
                        break;
                n += str_encode_utf8(c, plate + n);
                n_letters++;
        }
        if (!is_alnum(cell_at(scan, i)) && passes(scan, IDENTIFIER_PLATE, plate, n))
                add(scan, IDENTIFIER_PLATE, from, i, false);
}

static bool is_email_char(uint32_t c)
{
        return is_alnum(c) || (c != 0 && c < 0x80 && strchr("._%+-", (char)c) != NULL);
}

static void scan_email(struct scan *scan, size_t at)
{
        char email[320];
        size_t from = at, to = at + 1, n = 0;
        if (scan->cells[at].c != '@')
                return;
        while (from > 0 && at - from < 64 && is_email_char(scan->cells[from - 1].c))
                from--;
        while (to < scan->n && to - at < 254 && is_email_char(scan->cells[to].c))
                to++;
        while (to > at + 1 && !is_alnum(scan->cells[to - 1].c))
                to--;
        while (from < at && !is_alnum(scan->cells[from].c))
                from++;
        for (size_t i = from; i < to; i++)
                email[n++] = (char)scan->cells[i].c;
        bool valid = passes(scan, IDENTIFIER_EMAIL, email, n);
        bool dotted = memchr(email + (at - from), '.', n - (at - from)) != NULL;
        if (valid || (from < at && dotted))
                add(scan, IDENTIFIER_EMAIL, from, to, !valid);
}

/* ---- addresses ---- */

static bool is_number_char(uint32_t c)
{
        return is_alnum(c) || han_digit(c) >= 0 || han_is_hyphen(c) ||
               han_is_in(c, STR_LIT("十百之"));
}

/* A door from cell i on: up to `max` other characters, a number, 号 or the like.
 * Returns the cell behind it, or 0. */
static size_t door_at(const struct scan *scan, size_t i, size_t max)
{
        size_t from = i;
        while (i < scan->n && i - from <= max && !is_number_char(scan->cells[i].c)) {
                uint32_t c = scan->cells[i].c;
                if (!han_is(c) || han_is_in(c, STR_LIT("第字文书案令期届件条款项年月日")))
                        return 0;
                i++;
        }
        size_t number = i;
        while (i < scan->n && i - number < 8 && is_number_char(scan->cells[i].c))
                i++;
        if (i == number || !han_is_door(cell_at(scan, i)))
                return 0;
        i++;
        while (han_is_in(cell_at(scan, i), STR_LIT("元楼院室")))
                i++;
        return i;
}

static void scan_address(struct scan *scan, size_t street)
{
        if (!han_is_street(cell_before(scan, street), scan->cells[street].c,
                            cell_at(scan, street + 1)))
                return;
        size_t to = door_at(scan, street + 1, 8), from = street;
        if (to == 0)
                return;
        for (size_t next; to - street < 60 && (next = door_at(scan, to, 6)) != 0;)
                to = next;
        while (from > 0 && street - from < 24) {
                uint32_t c = scan->cells[from - 1].c;
                if (!han_is(c) || han_is_in(c, STR_LIT("住在于址是为")))
                        break;
                from--;
        }
        add(scan, IDENTIFIER_ADDRESS, from, to, false);
}

/* ---- names ---- */

static const char *const name_labels[] = {
        "申请人",
        "当事人",
        "患者",
        "受援人",
        "投诉人",
        "举报人",
        "委托人",
        "联系人",
        "被害人",
        "被告人",
        "原告",
        "被告",
        "第三人",
        "死者",
        "监护人",
        "代理人",
        "证人",
        "信访人",
        "来访人",
        "姓名",
        "申请人姓名",
};

/* Characters that go on with the sentence rather than with the name. */
#define AFTER_NAMES                                                                                \
        "请称向因于不提诉认为在的与和及对是系未已表申应到经由从将被把述某等也又再现住男女身如若可有无即则"

#define NAME_CELLS 30 /* how far a unit's name is followed to see that it is one */

static bool is_unit(const struct scan *scan, size_t from)
{
        size_t i = from;
        while (i < scan->n && i - from < NAME_CELLS && han_is(scan->cells[i].c))
                i++;
        struct str run = str_slice(scan->text, scan->cells[from].at, scan->cells[i].at);
        struct str rest = STR_LIT(
                        "公司 事务所 委员会 政府 中心 分局 法院 检察院 协会 学校 医院 合作社 经营部");
        while (rest.p != NULL)
                if (str_find(run, str_split(&rest, ' ')) != SIZE_MAX)
                        return true;
        return false;
}

/* A name from cell i on, or 0. `marked`: the label was followed by a colon. */
static size_t name_end(const struct scan *scan, size_t i, bool marked, bool *ret_suspect)
{
        uint32_t name[5] = { 0 };
        size_t n = 0;
        while (n < 5 && han_is(cell_at(scan, i + n)) &&
                        !(n > 0 && han_is_in(cell_at(scan, i + n), STR_LIT(AFTER_NAMES)))) {
                name[n] = scan->cells[i + n].c;
                n++;
        }
        size_t surname = han_surname(name, n);
        if (n < 2 || (surname == 0 && !(marked && n <= 4)) || n <= surname)
                return 0;
        if (name[0] == 0x9648 && (name[1] == 0x8FF0 || name[1] == 0x8BC9)) /* 陈述 陈诉 */
                return 0;
        bool bounded = n <= surname + 2 || (marked && n <= 4);
        *ret_suspect = !bounded || surname == 0;
        return i + (bounded ? n : surname + 2);
}

static void scan_name(struct scan *scan, size_t from)
{
        if (!han_is_in(scan->cells[from].c, STR_LIT("申当患受投举委联被原第死监代证信来姓")))
                return;
        struct str rest = str_slice(scan->text, scan->cells[from].at, scan->text.n);
        size_t n_label = 0;
        for (size_t i = 0; i < N_ELEMENTS(name_labels); i++)
                if (str_starts(rest, str_of(name_labels[i])) &&
                                strlen(name_labels[i]) / 3 > n_label)
                        n_label = strlen(name_labels[i]) / 3;
        if (n_label == 0)
                return;
        size_t i = from + n_label;
        bool marked = false, suspect;
        for (size_t skipped = 0; skipped < 4 && i < scan->n; skipped++, i++) {
                uint32_t c = scan->cells[i].c;
                if (!han_is_blank(c) && !han_is_in(c, STR_LIT(":(为是、")))
                        break;
                marked |= c == ':' || c == '(';
        }
        size_t to = name_end(scan, i, marked, &suspect);
        if (to != 0 && !is_unit(scan, i))
                add(scan, IDENTIFIER_NAME, i, to, suspect);
}

static size_t cell_of(const struct scan *scan, size_t at)
{
        size_t low = 0, high = scan->n;
        while (low < high) {
                size_t middle = (low + high) / 2;
                if (scan->cells[middle].at < at)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

#define REPEATED_NAMES_MAX 64 /* different names that are looked for again */

/* A name that was introduced once is a name wherever it stands. */
static void scan_repeated_names(struct scan *scan)
{
        struct str names[REPEATED_NAMES_MAX];
        size_t n_names = 0, n = scan->candidates.n / sizeof(struct candidate);
        for (size_t i = 0; i < n && n_names < REPEATED_NAMES_MAX; i++) {
                struct candidate one;
                memcpy(&one, scan->candidates.p + i * sizeof(one), sizeof(one));
                if (one.kind != IDENTIFIER_NAME || one.suspect)
                        continue;
                struct str name = str_slice(
                                scan->text, scan->cells[one.from].at, scan->cells[one.to].at);
                bool known = false;
                for (size_t j = 0; j < n_names && !known; j++)
                        known = str_eq(names[j], name);
                if (!known)
                        names[n_names++] = name;
        }
        for (size_t i = 0; i < n_names; i++) {
                for (size_t at = 0; at < scan->text.n; at += names[i].n) {
                        size_t found = str_find(str_slice(scan->text, at, scan->text.n), names[i]);
                        if (found == SIZE_MAX)
                                break;
                        at += found;
                        add(scan, IDENTIFIER_NAME, cell_of(scan, at),
                                        cell_of(scan, at + names[i].n), false);
                }
        }
}

/* ---- choosing ---- */

static int compare_candidates(const void *a, const void *b)
{
        const struct candidate *x = a, *y = b;
        if (x->suspect != y->suspect)
                return x->suspect ? 1 : -1;
        if (x->to - x->from != y->to - y->from)
                return x->to - x->from < y->to - y->from ? 1 : -1;
        if (x->kind != y->kind)
                return x->kind > y->kind ? 1 : -1;
        return (x->from > y->from) - (x->from < y->from);
}

static int compare_findings(const void *a, const void *b)
{
        const struct finding *x = a, *y = b;
        return (x->from > y->from) - (x->from < y->from);
}

static bool covers(uint8_t *covered, const struct candidate *candidate)
{
        size_t n = candidate->to - candidate->from;
        if (memchr(covered + candidate->from, 1, n) != NULL)
                return false;
        memset(covered + candidate->from, 1, n);
        return true;
}

static int compare_strs(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool is_allowed(struct arena *arena, const struct str *allowed, size_t n,
                enum identifier_kind kind, struct str text)
{
        if (n == 0)
                return false;
        struct str normal = identifier_normalize(arena, kind, text), domain = normal;
        if (bsearch(&normal, allowed, n, sizeof(*allowed), compare_strs) != NULL)
                return true;
        if (kind != IDENTIFIER_EMAIL)
                return false;
        (void)str_split(&domain, '@');
        if (domain.p == NULL)
                return false;
        domain = str_slice(normal, normal.n - domain.n - 1, normal.n);
        return bsearch(&domain, allowed, n, sizeof(*allowed), compare_strs) != NULL;
}

static struct finding finding_of(const struct scan *scan, const struct candidate *candidate)
{
        struct finding finding = {
                .kind = candidate->kind,
                .from = scan->cells[candidate->from].at,
                .to = scan->cells[candidate->to].at,
                .suspect = candidate->suspect,
        };
        struct str text = str_slice(scan->text, finding.from, finding.to);
        finding.masked = candidate->kind != IDENTIFIER_CREDIT_CODE &&
                         candidate->kind != IDENTIFIER_ORG_CODE;
        finding.mask = mask_text(scan->arena, candidate->kind, MASK_PUBLIC, text);
        return finding;
}

/* Numerals written in Chinese are no digits to identifier_age(). */
static bool is_minor(const struct scan *scan, const struct finding *finding)
{
        if (finding->kind != IDENTIFIER_RESIDENT_ID || finding->suspect ||
                        date_is_none(scan->options->today))
                return false;
        struct str id = identifier_normalize(scan->arena, finding->kind,
                        str_slice(scan->text, finding->from, finding->to));
        return (id.n == 18 || id.n == 15) && is_digit((unsigned char)id.p[0]) &&
               identifier_age(id, scan->options->today) < 18;
}

static void choose(struct scan *scan, struct detection *ret)
{
        size_t n = scan->candidates.n / sizeof(struct candidate), n_kept = 0;
        struct candidate *candidates = arena_new_array(scan->arena, n, struct candidate);
        struct finding *findings = arena_new_array(scan->arena, n, struct finding);
        uint8_t *covered = arena_alloc(scan->arena, scan->n);
        struct str *allowed = arena_new_array(scan->arena, scan->options->n_allowed, struct str);
        if (n != 0)
                memcpy(candidates, scan->candidates.p, n * sizeof(*candidates));
        if (scan->options->n_allowed != 0)
                memcpy(allowed, scan->options->allowed,
                                scan->options->n_allowed * sizeof(*allowed));
        qsort(allowed, scan->options->n_allowed, sizeof(*allowed), compare_strs);
        qsort(candidates, n, sizeof(*candidates), compare_candidates);
        for (size_t i = 0; i < n; i++) {
                if (!covers(covered, &candidates[i]))
                        continue;
                struct finding finding = finding_of(scan, &candidates[i]);
                struct str text = str_slice(scan->text, finding.from, finding.to);
                finding.minor = is_minor(scan, &finding);
                if (!is_allowed(scan->arena, allowed, scan->options->n_allowed, finding.kind, text))
                        findings[n_kept++] = finding;
        }
        qsort(findings, n_kept, sizeof(*findings), compare_findings);
        *ret = (struct detection){ findings, n_kept };
}

static void read_cells(struct scan *scan)
{
        scan->cells = arena_new_array(scan->arena, str_n_code_points(scan->text) + 1, struct cell);
        for (size_t at = 0; at < scan->text.n; scan->n++) {
                struct cell *cell = &scan->cells[scan->n];
                cell->at = (uint32_t)at;
                cell->c = han_half_width(str_code_point(scan->text, &at));
        }
        scan->cells[scan->n] = (struct cell){ 0, (uint32_t)scan->text.n };
}

bool detect_identifiers(struct arena *arena, struct str text, const struct detect_options *options,
                struct detection *ret, struct err *err)
{
        if (text.n > LIMIT_BODY_BYTES)
                return err_set(err, E_LIMIT, "待筛查的文字超过%u字节", LIMIT_BODY_BYTES);
        if (!str_is_utf8(text))
                return err_set(err, E_SCREEN_TEXT, "不是有效的 UTF-8");
        struct scan scan = {
                .arena = arena, .text = text, .options = options, .candidates = BUF(arena)
        };
        read_cells(&scan);
        for (size_t i = 0; i < scan.n; i++) {
                if (begins_number(&scan, i))
                        scan_numbers(&scan, i);
                scan_plate(&scan, i);
                scan_email(&scan, i);
                scan_address(&scan, i);
                scan_name(&scan, i);
        }
        scan_repeated_names(&scan);
        choose(&scan, ret);
        return true;
}

static bool is_border(struct str text, size_t at)
{
        return at == text.n || ((unsigned char)text.p[at] & 0xC0) != 0x80;
}

bool detect_apply(struct arena *arena, struct str text, const struct finding *findings, size_t n,
                struct str *ret, struct err *err)
{
        struct buf buf = BUF(arena);
        size_t at = 0, behind = 0; /* text copied so far; end of the finding before */
        for (size_t i = 0; i < n; i++) {
                const struct finding *finding = &findings[i];
                if (finding->from < behind || finding->to < finding->from || finding->to > text.n ||
                                !is_border(text, finding->from) || !is_border(text, finding->to))
                        return err_set(err, E_SCREEN_FINDING, "第%zu项的位置不对", i + 1);
                behind = finding->to;
                if (!finding->masked)
                        continue;
                buf_str_add(&buf, str_slice(text, at, finding->from));
                buf_str_add(&buf, finding->mask);
                at = finding->to;
        }
        buf_str_add(&buf, str_slice(text, at, text.n));
        *ret = buf_str(&buf);
        return true;
}

struct str detect_probe(struct arena *arena, struct str text)
{
        const struct detect_options options = { .today = DATE_NONE };
        struct detection detection;
        struct str masked;
        struct err err;
        if (!detect_identifiers(arena, text, &options, &detection, &err) ||
                        !detect_apply(arena, text, detection.findings, detection.n, &masked, &err))
                return str_format(arena, "bad\t%s", err_text(err.code)->sentence);
        return masked;
}
