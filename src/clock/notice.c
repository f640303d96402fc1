#include "clock/notice.h"

#include <assert.h>

#include "base/limits.h"

#define CELLS_MAX 4

/* What one file has told so far; `line` is for the refusal. */
struct reader {
        struct str file;
        struct err *err;
        int line;
        unsigned seen; /* keys that may stand only once */
        struct notice notice;
        struct notice_row *rows;
};

struct key {
        const char *word;
        bool (*read)(struct reader *reader, const struct key *key, const struct str *cells);
        int detail;          /* the kind of row or notice that the word means */
        size_t n_min, n_max; /* cells, the key among them */
        unsigned once;       /* bit in reader.seen; 0 = any number of times */
};

enum {
        SEEN_ID = 1,
        SEEN_TITLE = 2,
        SEEN_SOURCE = 4,
        SEEN_KNOWN = 8,
        SEEN_YEAR = 16,
        SEEN_ALL = 31
};

static bool refuse(struct reader *reader, const char *why)
{
        return err_field(reader->err, E_CALENDAR_SYNTAX, reader->file, "第%d行：%s", reader->line,
                        why);
}

static bool read_date(struct reader *reader, struct str cell, struct date *ret)
{
        struct err inner;
        return date_parse(cell, ret, &inner) || refuse(reader, "日期应写成 2021-09-28 的样子");
}

static bool read_id(struct reader *reader, const struct key *key, const struct str *cells)
{
        reader->notice.id = cells[1];
        reader->notice.kind = (enum notice_kind)key->detail;
        return true;
}

static bool read_title(struct reader *reader, const struct key *key, const struct str *cells)
{
        (void)key;
        reader->notice.title = cells[1];
        return true;
}

static bool read_source(struct reader *reader, const struct key *key, const struct str *cells)
{
        (void)key;
        if (!str_starts(cells[1], STR_LIT("https://")) && !str_starts(cells[1], STR_LIT("http://")))
                return refuse(reader, "出处应是网址");
        reader->notice.source = cells[1];
        return true;
}

static bool read_known(struct reader *reader, const struct key *key, const struct str *cells)
{
        (void)key;
        return read_date(reader, cells[1], &reader->notice.known);
}

static bool read_year(struct reader *reader, const struct key *key, const struct str *cells)
{
        int64_t year;
        if (!str_to_int(cells[1], &year) || year < DATE_MIN_YEAR + 1 || year > DATE_MAX_YEAR)
                return refuse(reader, "年份不正确");
        if ((reader->seen & SEEN_ID) == 0)
                return refuse(reader, "文号（notice 或 law）应写在年份之前");
        bool of_law = key->detail == NOTICE_LAW;
        if (of_law != (reader->notice.kind == NOTICE_LAW))
                return refuse(reader, of_law ? "from 只用于 law" : "law 的起始年份用 from");
        reader->notice.year = (int)year;
        reader->notice.kind = (enum notice_kind)key->detail;
        return true;
}

/* A notice may use the December before its year (元旦), never another year. */
static bool is_of_year(int of_year, struct date day)
{
        int year, month, of_month;
        date_parts(day, &year, &month, &of_month);
        return year == of_year || (year == of_year - 1 && month == 12);
}

static bool check_days(struct reader *reader, const struct notice_row *row)
{
        int length = row->to.day - row->from.day + 1;
        if (length < 1 || length > NOTICE_RANGE_MAX)
                return refuse(reader, "起止日期颠倒，或者超过31天");
        if (!is_of_year(reader->notice.year, row->from) ||
                        !is_of_year(reader->notice.year, row->to))
                return refuse(reader, "日期不在这份通知的年度内");
        if (row->kind == ROW_WORK && (length > 1 || date_weekday(row->from) < SATURDAY))
                return refuse(reader, "调休上班日应是一个周六或周日");
        return true;
}

static bool add_row(struct reader *reader, struct notice_row row)
{
        if (reader->notice.n_rows == NOTICE_ROWS_MAX)
                return refuse(reader, "行数太多");
        if (row.name.n == 0 || row.name.n > LIMIT_NAME_BYTES)
                return refuse(reader, "节日名称为空或太长");
        reader->rows[reader->notice.n_rows++] = row;
        return true;
}

static bool read_days(struct reader *reader, const struct key *key, const struct str *cells)
{
        struct notice_row row = { .kind = (enum notice_row_kind)key->detail, .name = cells[1] };
        if ((reader->seen & SEEN_YEAR) == 0 || reader->notice.kind == NOTICE_LAW)
                return refuse(reader, "放假和上班的日期应写在通知的年份之后");
        if (!read_date(reader, cells[2], &row.from))
                return false;
        row.to = row.from;
        if (cells[3].n != 0 && !read_date(reader, cells[3], &row.to))
                return false;
        return check_days(reader, &row) && add_row(reader, row);
}

/* "05-01", kept as a day of the leap year 2000. */
static bool read_month_day(struct reader *reader, struct str cell, struct date *ret)
{
        char text[10] = "2000-";
        struct err inner;
        if (cell.n == 5) {
                memcpy(text + 5, cell.p, 5);
                if (date_parse((struct str){ text, sizeof(text) }, ret, &inner))
                        return true;
        }
        return refuse(reader, "固定日期应写成 05-01 的样子");
}

static bool read_fixed(struct reader *reader, const struct key *key, const struct str *cells)
{
        struct notice_row row = { .kind = (enum notice_row_kind)key->detail, .name = cells[1] };
        if ((reader->seen & SEEN_YEAR) == 0 || reader->notice.kind != NOTICE_LAW)
                return refuse(reader, "fixed 只用于 law，写在 from 之后");
        if (!read_month_day(reader, cells[2], &row.from))
                return false;
        row.to = row.from;
        if (cells[3].n != 0 && !read_month_day(reader, cells[3], &row.to))
                return false;
        int length = row.to.day - row.from.day + 1;
        if (length < 1 || length > NOTICE_RANGE_MAX)
                return refuse(reader, "起止日期颠倒，或者超过31天");
        return add_row(reader, row);
}

static const struct key keys[] = {
        { "notice", read_id, NOTICE_YEAR, 2, 2, SEEN_ID },
        { "law", read_id, NOTICE_LAW, 2, 2, SEEN_ID },
        { "title", read_title, 0, 2, 2, SEEN_TITLE },
        { "source", read_source, 0, 2, 2, SEEN_SOURCE },
        { "known", read_known, 0, 2, 2, SEEN_KNOWN },
        { "year", read_year, NOTICE_YEAR, 2, 2, SEEN_YEAR },
        { "amends", read_year, NOTICE_AMENDS, 2, 2, SEEN_YEAR },
        { "from", read_year, NOTICE_LAW, 2, 2, SEEN_YEAR },
        { "off", read_days, ROW_OFF, 3, 4, 0 },
        { "statutory", read_days, ROW_STATUTORY, 3, 4, 0 },
        { "work", read_days, ROW_WORK, 3, 3, 0 },
        { "fixed", read_fixed, ROW_FIXED, 3, 4, 0 },
};

static bool read_line(struct reader *reader, struct str line)
{
        struct str cells[CELLS_MAX] = { { NULL, 0 } };
        size_t n = 0;
        for (struct str rest = line; rest.p != NULL; n++) {
                if (n == CELLS_MAX)
                        return refuse(reader, "单元格太多");
                cells[n] = str_trim(str_split(&rest, '\t'));
        }
        for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
                const struct key *key = &keys[i];
                if (!str_is(cells[0], key->word))
                        continue;
                if (n < key->n_min || n > key->n_max || cells[1].n == 0)
                        return refuse(reader, "单元格个数不对（用制表符分隔）");
                if ((reader->seen & key->once) != 0)
                        return refuse(reader, "这一项写了两次");
                if (!key->read(reader, key, cells))
                        return false;
                reader->seen |= key->once;
                return true;
        }
        return refuse(reader, "不认识的关键字");
}

static bool overlaps(const struct notice_row *a, const struct notice_row *b)
{
        return date_cmp(a->from, b->to) <= 0 && date_cmp(b->from, a->to) <= 0;
}

static bool is_within(const struct notice_row *inner, const struct notice_row *outer)
{
        return str_eq(inner->name, outer->name) && date_cmp(outer->from, inner->from) <= 0 &&
               date_cmp(inner->to, outer->to) <= 0;
}

/* Checks what no single line can show: worked days are not off, statutory days are. */
static bool check_rows(struct reader *reader)
{
        for (size_t i = 0; i < reader->notice.n_rows; i++) {
                const struct notice_row *row = &reader->rows[i];
                bool worked = false, off = false;
                for (size_t j = 0; j < reader->notice.n_rows; j++) {
                        const struct notice_row *other = &reader->rows[j];
                        worked |= other->kind == ROW_WORK && overlaps(row, other);
                        off |= other->kind == ROW_OFF && is_within(row, other);
                }
                char day[11];
                date_write(row->from, day);
                if (row->kind == ROW_OFF && worked)
                        return err_field(reader->err, E_CALENDAR_CONFLICT, reader->file,
                                        "自%s的假期里有调休上班日", day);
                if (row->kind == ROW_STATUTORY && !off)
                        return err_field(reader->err, E_CALENDAR_CONFLICT, reader->file,
                                        "法定节假日%s不在“%.*s”的放假日期内", day,
                                        STR_FMT(row->name));
        }
        return true;
}

static bool check_head(struct reader *reader)
{
        if ((reader->seen & SEEN_ALL) != SEEN_ALL)
                return refuse(reader, "缺文号、标题、出处、公布日或者年份");
        int known = date_year(reader->notice.known);
        if (reader->notice.kind != NOTICE_LAW &&
                        (known > reader->notice.year || known < reader->notice.year - 2))
                return refuse(reader, "公布日与年份不相称");
        return true;
}

bool notice_parse(struct arena *arena, struct str name, struct str text, struct notice *ret,
                struct err *err)
{
        assert(arena && ret && err);
        if (text.n > LIMIT_DEFINITION_BYTES)
                return err_field(
                                err, E_LIMIT, name, "节假日数据超过%u字节", LIMIT_DEFINITION_BYTES);
        if (!str_is_utf8(text))
                return err_field(err, E_UTF8, name, "节假日数据");

        struct reader reader = { .file = name, .err = err };
        reader.rows = arena_new_array(arena, NOTICE_ROWS_MAX, struct notice_row);
        for (struct str rest = text; rest.p != NULL;) {
                struct str line = str_split(&rest, '\n');
                reader.line++;
                struct str bare = str_trim(line);
                if (bare.n == 0 || bare.p[0] == '#')
                        continue;
                if (!read_line(&reader, line))
                        return false;
        }
        if (!check_head(&reader) || !check_rows(&reader))
                return false;
        reader.notice.rows = reader.rows;
        *ret = reader.notice;
        return true;
}

bool notice_has_festival(const struct notice *notice, struct str festival)
{
        for (size_t i = 0; i < notice->n_rows; i++)
                if (str_eq(notice->rows[i].name, festival))
                        return true;
        return false;
}
