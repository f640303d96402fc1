/* fuzz/fuzz_rehearsal.c - a script that plays against a whole bureau in memory: statements,
 * acts, registers, timers, reading. Whatever it says is answered, and what is written
 * back passes when it is played again. */
#include <assert.h>

#include "base/limits.h"
#include "desk/rehearse.h"
#include "desk/statement.h"
#include "fuzz.h"

#define SCRIPT_BYTES_MAX 3000 /* each block makes a bureau */

static const char note[] =
                "procedure: note\nlabel: 便函\nvisible: always\nversions:\n"
                "  - version: N1\n    effective: 2018-01-01\n    law: 测试法\n"
                "    number: '{prefix}函〔{year}〕{n}号'\n    title: subject\n"
                "    parties: {applicant: 申请人}\n    keys: {same: subject}\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, class: public, max: 20}\n"
                "      amount: {label: 金额, type: money}\n"
                "      day: {label: 日期, type: date}\n"
                "      id_no: {label: 证件号码, type: resident_id, class: personal}\n"
                "      rows: {label: 明细, type: list, item: {n: {label: 数, type: integer}}}\n"
                "    states: {open: 办理中, waiting: 待复, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      write: {label: 起草, by: [clerk, applicant], from: new, to: open, needs: [subject],\n"
                "              takes: [amount, day, id_no, rows], document: slip}\n"
                "      change: {label: 改写, by: clerk, from: open, takes: [subject, amount, day, id_no, rows],\n"
                "               require: [{that: 'count(rows) < 5', say: 明细过多, basis: 测试法 第二条}]}\n"
                "      ask: {label: 征询, by: clerk, from: open, to: waiting, takes: [day], starts: {reply: day}}\n"
                "      lapse: {label: 逾期, by: system, from: waiting, to: done}\n"
                "      finish: {label: 办结, by: [clerk, system], from: [open, waiting], to: done, stops: reply,\n"
                "               writes: [{register: slips, key: subject, set: {amount: amount}, until: day}]}\n"
                "    clocks: {reply: {label: 答复期限, length: 3 working days, expires: lapse, basis: 测试法 第一条}}\n"
                "    documents: {slip: {label: 便笺, number: '{prefix}笺〔{year}〕{n}号', text: '{{subject}}{{amount|money}}'}}\n";

static const char registers[][200] = {
        "register: slips\nlabel: 便笺\nkey: k\nkeepers: [clerk]\npublic: true\n"
        "fields: {amount: {label: 金额, type: money, class: public}}\n",
        "register: units\nlabel: 单位\nkey: id\nkeepers: [clerk]\npublic: true\n"
        "fields: {name: {label: 名称, type: text, class: public}, parent: {label: 上级, type: unit}}\n",
        "register: staff\nlabel: 人员\nkey: id\nkeepers: [clerk]\npublic: false\n"
        "fields: {name: {label: 姓名, type: text}, unit: {label: 单位, type: unit},\n"
        "         roles: {label: 岗位, type: list}}\n",
};

static const char indicators[] =
                "indicators:\n  N1: {label: 便函数, unit: 件, count: note, date: created_on}\n"
                "  S1: {label: 金额, unit: 元, sum: amount, of: note, date: day}\n";

struct bureau {
        struct arena *arena;
        struct catalogue catalogue;
        const struct calendar_set *calendars;
};

static const struct bureau *bureau(void)
{
        static struct bureau bureau;
        struct err err;
        struct str problems;
        if (bureau.arena != NULL)
                return &bureau;
        bureau.arena = arena_open();
        const struct definition_source sources[] = {
                { STR_LIT("procedures/note.yaml"), str_of(note) },
                { STR_LIT("registers/slips.yaml"), str_of(registers[0]) },
                { STR_LIT("registers/units.yaml"), str_of(registers[1]) },
                { STR_LIT("registers/staff.yaml"), str_of(registers[2]) },
                { STR_LIT("indicators/n.yaml"), str_of(indicators) },
        };
        bool ok = catalogue_load(bureau.arena, sources, N_ELEMENTS(sources), &bureau.catalogue,
                                  &problems, &err) &&
                  calendar_set_new(bureau.arena, NULL, 0, &bureau.calendars, &err);
        assert(ok);
        return &bureau;
}

/* Statements alone, of any bytes. */
static void check_statements(struct arena *arena, struct str text)
{
        struct lines lines = { .rest = text };
        struct str line;
        struct err err;
        while (lines_next(&lines, &line) != LINE_END) {
                struct statement statement;
                if (str_is_utf8(line) && statement_parse(arena, line, &statement, &err))
                        assert(statement.n <= STATEMENT_WORDS_MAX);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena = arena_open();
        struct str text = { (const char *)data, size };
        struct rehearsal first, second;
        struct err err;
        check_statements(arena, text);
        if (size <= SCRIPT_BYTES_MAX && rehearse(arena, &bureau()->catalogue, bureau()->calendars,
                                                        text, &first, &err)) {
                bool again = rehearse(arena, &bureau()->catalogue, bureau()->calendars, first.text,
                                &second, &err);
                assert(again && str_eq(first.text, second.text));
        }
        arena_close(&arena);
        return 0;
}
