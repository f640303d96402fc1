/* 个人信息保护法 第四十七条: what must be gone, and what must hold all the same. */
#include "desk/test_site.h"

#include <fts.h>
#include <string.h>

#include "base/log.h"
#include "desk/audit.h"
#include "desk/definitions.h"
#include "desk/drafts.h"
#include "desk/erase.h"
#include "desk/files.h"
#include "desk/history.h"
#include "desk/log_export.h"
#include "desk/prove.h"
#include "ledger/proof.h"
#include "projection/rebuild.h"
#include "projection/register_read.h"

#define ID_NO "35020319900101019X"
#define NAME  "欧阳震华"

/* A plea names a person, opens a sub-matter with the name, and may bar the person. */
static const char plea[] =
                "procedure: plea\nlabel: 申请\nvisible: never\nversions:\n"
                "  - version: P1\n    effective: 2018-01-01\n    law: 测试法\n"
                "    number: '{prefix}请〔{year}〕{n}号'\n    title: subject\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, class: public, max: 100}\n"
                "      name: {label: 姓名, type: text, class: personal, max: 50}\n"
                "      id_no: {label: 证件号码, type: resident_id, class: personal}\n"
                "      note: {label: 备注, type: text, max: 100}\n"
                "      scan: {label: 证件扫描件, type: file, class: personal}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      write: {label: 申请, by: clerk, from: new, to: open, needs: [subject, name, id_no],\n"
                "              takes: [note, scan], opens: [{procedure: echo, act: make, with: {name: name}}]}\n"
                "      change: {label: 更正, by: clerk, from: open, takes: [name, note, scan]}\n"
                "      bar: {label: 限制, by: clerk, from: open,\n"
                "            writes: [{register: bars, key: id_no, set: {name: name}, until: 'date(\"2021-04-01\")'}]}\n"
                "      close: {label: 办结, by: clerk, from: open, to: done}\n"
                "    clocks: {}\n";

static const char echo[] =
                "procedure: echo\nlabel: 回执\nvisible: never\nversions:\n"
                "  - version: E1\n    effective: 2018-01-01\n    law: 测试法\n"
                "    number: '{prefix}执〔{year}〕{n}号'\n    title: '\"回执\"'\n"
                "    fields: {name: {label: 姓名, type: text, class: personal, max: 50}}\n"
                "    states: {made: 已制, sent: {label: 已送, final: true}}\n"
                "    acts:\n"
                "      make: {label: 制作, by: system, from: new, to: made, needs: [name]}\n"
                "      send: {label: 送达, by: clerk, from: made, to: sent}\n"
                "    clocks: {}\n";

static const char bars[] =
                "register: bars\nlabel: 限制名单\nkey: key\nkeepers: [keeper]\npublic: false\n"
                "fields: {key: {label: 证件号码, type: text, max: 64, class: personal},\n"
                "         name: {label: 姓名, type: text, max: 50, class: personal}}\n";

static const char grounds[] =
                "erasure_grounds:\n"
                "  '1': {say: 处理目的已实现, basis: 个人信息保护法 第四十七条第一款第（一）项}\n"
                "  '3': {say: 个人撤回同意, basis: 个人信息保护法 第四十七条第一款第（三）项}\n";

static struct test_site *open_with_pleas(void)
{
        static const struct definition_source sources[] = {
                { { "registers/erasure_grounds.yaml", 30 }, { grounds, sizeof(grounds) - 1 } },
                { { "registers/bars.yaml", 19 }, { bars, sizeof(bars) - 1 } },
                { { "procedures/echo.yaml", 20 }, { echo, sizeof(echo) - 1 } },
                { { "procedures/plea.yaml", 20 }, { plea, sizeof(plea) - 1 } },
        };
        struct test_site *t = test_open(false);
        for (size_t i = 0; i < N_ELEMENTS(sources); i++)
                test_must(t, definitions_activate(
                                             t->desk, &sources[i], STR_LIT("system"), &t->err));
        test_must(t, test_do(t, "register:staff.put", "system",
                                     "{\"id\":\"zhao\",\"name\":\"赵六\",\"unit\":\"b\",\"roles\":"
                                     "[\"privacy_officer\"]}",
                                     NULL));
        return t;
}

/* Two events with personal data, one without; the first is keyed. */
static void live(struct test_site *t, struct receipt *ret)
{
        struct submission s = test_act(t, "plea.write", "li",
                        "{\"subject\":\"减免\",\"name\":\"" NAME "\",\"id_no\":\"" ID_NO
                        "\",\"note\":\"电话13800138000\"}");
        s.key = STR_LIT("key-1");
        test_must(t, desk_submit(t->arena, t->desk, &s, ret, &t->err));
        test_must(t, test_do(t, "测请〔2021〕1号.change", "li", "{\"name\":\"" NAME "\"}", NULL));
        test_must(t, test_do(t, "测请〔2021〕1号.close", "li", NULL, NULL));
        test_must(t, test_do(t, "测执〔2021〕1号.send", "li", NULL, NULL));
}

static struct erasure plea_1(void)
{
        static const struct str also[] = { { "note", 4 } };
        return (struct erasure){ STR_LIT("测请〔2021〕1号"), STR_LIT("zhao"), STR_LIT("1"), also,
                1 };
}

static void finish(struct test_site *t)
{
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, erasure_finish(t->site, &t->err));
}

/* ---- The bytes ---- */

static bool file_has(struct test_site *t, const char *name, struct str bytes)
{
        struct arena *arena = arena_open();
        struct str text = { NULL, 0 };
        bool found = file_read(arena, str_format(arena, "%s/%s", t->dir, name), 64u << 20, &text,
                                     &t->err) &&
                     str_find(text, bytes) != SIZE_MAX;
        arena_close(&arena);
        return found;
}

/* Every file of the site and beside it: store, its log file and index, backups, the published
 * log, whatever went to standard error. */
static void must_be_gone(struct test_site *t, const struct str *traces, size_t n_traces)
{
        char *roots[] = { t->dir, NULL };
        FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        const FTSENT *entry;
        size_t n_files = 0;
        assert_non_null(walk);
        while ((entry = fts_read(walk)) != NULL) {
                if (entry->fts_info != FTS_F)
                        continue;
                n_files++;
                for (size_t i = 0; i < n_traces; i++)
                        if (file_has(t, entry->fts_path + strlen(t->dir) + 1, traces[i]))
                                fail_msg("%s: %zu", entry->fts_path, i);
        }
        fts_close(walk);
        assert_true(n_files > 6);
}

static struct str secret_of(struct test_site *t, int64_t id)
{
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, snapshot_rows(snapshot, Q_EVENT_GET, PARAMS(param_int(id)), &rows, &t->err));
        assert_true(rows_next(&rows));
        struct str secret = str_copy(t->arena, rows_blob(&rows, 5));
        rows_close(&rows);
        snapshot_close(&snapshot);
        return secret;
}

/* What was typed before it was handed in: ended since, its bytes perhaps still in free pages. */
static void leave_draft(struct test_site *t)
{
        struct member fields[] = { { STR_LIT("name"), value_string(STR_LIT(NAME)) } };
        struct draft draft = { STR_LIT("plea"), STR_LIT("write"), STR_LIT("applicant"),
                STR_LIT("b"), value_context(fields, 1), { 0 } };
        struct draft_file file = {
                .hash = STR_LIT("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
                .name = STR_LIT("a.txt"),
                .type = STR_LIT("text/plain"),
                .bytes = STR_LIT(ID_NO)
        };
        struct str code;
        test_must(t, drafts_code(t->arena, &code, &t->err));
        test_must(t, drafts_put(t->arena, site_store(t->site), code, &draft, &file, 1, t->now,
                                     &t->err));
        test_must(t, drafts_end(site_store(t->site), code, &t->err));
}

static void test_the_bytes_are_gone(void **state)
{
        test_needs_file();
        static const char *const files[] = { "plumbline.db", "plumbline.db-wal" };
        struct test_site *t = open_with_pleas();
        struct log_exported exported;
        struct receipt r;
        struct erased erased;
        struct erasure what = plea_1();
        (void)state;
        /* Log lines of all that follows, the most talkative level. */
        int stderr_before = dup(STDERR_FILENO);
        assert_non_null(freopen(
                        str_c(t->arena, str_format(t->arena, "%s/stderr", t->dir)), "w", stderr));
        log_set_level(LOG_DEBUG);
        log_line(LOG_DEBUG, "test", "begins");
        live(t, &r);
        const struct str traces[] = {
                STR_LIT(ID_NO),
                STR_LIT("35020319900101019x"),
                STR_LIT(NAME),
                STR_LIT("阳震"), /* as the search index splits it */
                STR_LIT("13800138000"),
                secret_of(t, r.seq),
        };
        leave_draft(t);
        test_reopen(t, false); /* a closed store: what was written lies in its file too */
        for (size_t i = 0; i < N_ELEMENTS(traces); i++) {
                bool there = file_has(t, files[0], traces[i]) || file_has(t, files[1], traces[i]);
                assert_true(there || i == 1 || i == 3);
        }
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        finish(t);
        test_must(t, store_backup(site_store(t->site),
                                     str_c(t->arena, str_format(t->arena, "%s/later.db", t->dir)),
                                     NULL, NULL, &t->err));
        test_must(t, log_export(t->site, str_format(t->arena, "%s/public", t->dir), true, &exported,
                                     &t->err));
        fflush(stderr);
        assert_int_equal(dup2(stderr_before, STDERR_FILENO), STDERR_FILENO);
        close(stderr_before);
        assert_true(file_has(t, "stderr", STR_LIT("level=")));
        must_be_gone(t, traces, N_ELEMENTS(traces));
        assert_true(file_has(t, "later.db", STR_LIT("减免"))); /* what need not go has stayed */
        test_open_desk(t, false);
        test_close(t);
}

/* ---- Attached files ---- */

static struct str attach(struct test_site *t, const char *bytes)
{
        struct tx *tx = NULL;
        struct hash hash = hash_bytes(LEDGER_SHA256, str_of(bytes));
        char *hex = arena_alloc(t->arena, HASH_HEX);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        test_must(t, store_begin(site_store(t->site), &tx, &t->err));
        test_must(t, tx_run(tx, Q_BLOB_PUT,
                                     PARAMS(param_blob((struct str){
                                                            (const char *)hash.b, HASH_BYTES }),
                                                     param_text(STR_LIT("证件.png")),
                                                     param_text(STR_LIT("image/png")),
                                                     param_blob(str_of(bytes))),
                                     &t->err));
        test_must(t, tx_commit(&tx, &t->err));
        return (struct str){ hex, HASH_HEX };
}

static void plea_with(struct test_site *t, const char *act, struct str scan)
{
        const char *rest = str_ends(str_of(act), STR_LIT("write"))
                                           ? ",\"subject\":\"减免\",\"name\":\"" NAME
                                             "\",\"id_no\":\"" ID_NO "\""
                                           : "";
        test_must(t, test_do(t, act, "li",
                                     str_c(t->arena, str_format(t->arena, "{\"scan\":\"%.*s\"%s}",
                                                                     STR_FMT(scan), rest)),
                                     NULL));
}

static void end_plea(struct test_site *t, int n)
{
        char act[64];
        snprintf(act, sizeof(act), "测请〔2021〕%d号.close", n);
        test_must(t, test_do(t, act, "li", NULL, NULL));
        snprintf(act, sizeof(act), "测执〔2021〕%d号.send", n);
        test_must(t, test_do(t, act, "li", NULL, NULL));
}

static bool site_has(struct test_site *t, const char *bytes)
{
        return file_has(t, "plumbline.db", str_of(bytes)) ||
               file_has(t, "plumbline.db-wal", str_of(bytes));
}

/* A scan goes with the field that names it; one that another matter names goes with the last. */
static void test_attached_files_go(void **state)
{
        static const char alone[] = "扫描件甲：只有一件用", both[] = "扫描件乙：两件都用";
        test_needs_file();
        struct test_site *t = open_with_pleas();
        struct erased erased;
        struct erasure what = plea_1();
        (void)state;
        plea_with(t, "plea.write", attach(t, alone));
        plea_with(t, "测请〔2021〕1号.change", attach(t, both));
        plea_with(t, "plea.write", attach(t, both));
        end_plea(t, 1);
        end_plea(t, 2);
        assert_true(site_has(t, alone) && site_has(t, both));
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        finish(t);
        assert_true(!site_has(t, alone) && site_has(t, both));
        test_open_desk(t, false);
        what.matter = STR_LIT("测请〔2021〕2号");
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        finish(t);
        assert_false(site_has(t, both));
        test_open_desk(t, false);
        test_close(t);
}

/* ---- What holds ---- */

static struct hash root_of(struct test_site *t, uint64_t *ret_erased)
{
        struct audit audit;
        test_must(t, site_audit(t->site, &audit, &t->err));
        *ret_erased = audit.ledger.n_partly + audit.ledger.n_erased;
        return audit.ledger.root;
}

static bool prove(struct test_site *t, const struct erasure *what, int64_t seq,
                const struct str *field, struct str *ret)
{
        return prove_event(
                        t->arena, t->site, what->matter, seq, field, 1, STR_LIT(""), ret, &t->err);
}

static void test_proofs_and_tables_hold(void **state)
{
        static const struct str subject[] = { { "subject", 7 } }, name[] = { { "name", 4 } };
        struct test_site *t = open_with_pleas();
        struct receipt r;
        struct erased erased;
        struct erasure what = plea_1();
        struct str before, after;
        uint64_t n_erased;
        (void)state;
        live(t, &r);
        test_must(t, desk_close(&t->desk, &t->err));
        struct hash root = root_of(t, &n_erased);
        assert_int_equal(n_erased, 0);
        test_must(t, prove(t, &what, r.seq, subject, &before));
        test_open_desk(t, false);
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        assert_int_equal(erased.n_events, 3); /* write, change, and the echo's making */
        assert_int_equal(erased.n_matters, 2);
        assert_int_equal(erased.n_fields, 3); /* id_no, name, note */
        finish(t);

        /* The old head is still a head of this ledger: roots have not changed. */
        struct hash grown = root_of(t, &n_erased);
        assert_int_equal(n_erased, 3);
        assert_false(hash_eq(&root, &grown)); /* by the recorded act alone */
        struct proof_shown shown;
        test_must(t, proof_check(t->arena, before, site_key(t->site), 1, &shown, &t->err));
        test_must(t, prove(t, &what, r.seq, subject, &after));
        test_must(t, proof_check(t->arena, after, site_key(t->site), 1, &shown, &t->err));
        assert_int_equal(shown.fields.context.n, 1);
        assert_false(prove(t, &what, r.seq, name, &after));
        assert_int_equal(t->err.code, E_EVENT_NO_FIELD);

        test_rebuild_is_equal(t);
        test_open_desk(t, false);
        struct matter *m = test_matter(t, r.matter);
        assert_true(str_is(
                        m->fields[version_field(m->version, STR_LIT("subject"))].string, "减免"));
        assert_true(value_is_null(m->fields[version_field(m->version, STR_LIT("id_no"))]));
        assert_int_equal(m->n_deeds, 3);
        /* A key that was settled stays settled. */
        struct submission again = test_act(t, "plea.write", "li", "{\"subject\":\"减免\"}");
        again.key = STR_LIT("key-1");
        test_must(t, desk_submit(t->arena, t->desk, &again, &r, &t->err));
        assert_true(r.repeated);
        test_close(t);
}

static void test_more_can_be_erased_later(void **state)
{
        test_needs_file();
        struct test_site *t = open_with_pleas();
        struct receipt r;
        struct erased erased;
        struct erasure what = plea_1();
        uint64_t n_erased;
        (void)state;
        live(t, &r);
        what.n_also = 0;
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        assert_int_equal(erased.n_fields, 2);
        finish(t);
        assert_true(file_has(t, "plumbline.db", STR_LIT("13800138000")));
        test_open_desk(t, false);
        what.n_also = 1;
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        assert_int_equal(erased.n_events, 1);
        finish(t);
        assert_false(file_has(t, "plumbline.db", STR_LIT("13800138000")));
        root_of(t, &n_erased);
        assert_int_equal(n_erased, 3);
        test_rebuild_is_equal(t);
        test_open_desk(t, false);
        test_close(t);
}

/* What staff wrote down goes as a whole: nobody knows whom it names. That it was written stays. */
static void test_notes_go(void **state)
{
        struct test_site *t = open_with_pleas();
        struct receipt r, note, other;
        struct erased erased;
        struct erasure what = plea_1();
        (void)state;
        live(t, &r);
        struct submission s = test_act(
                        t, "测请〔2021〕1号.sys_note", "li", "{\"note\":\"邻居司马相如来电\"}");
        s.key = STR_LIT("note-1");
        test_must(t, desk_submit(t->arena, t->desk, &s, &note, &t->err));
        assert_true(str_is(note.act_label, "备注") && str_is(note.state, "done"));
        test_must(t, desk_submit(t->arena, t->desk, &s, &other, &t->err));
        assert_true(other.repeated && other.seq == note.seq && str_eq(other.number, note.number));
        struct matter *m = test_matter(t, r.matter);
        assert_int_equal(m->n_deeds, 4);
        assert_true(m->changed.second == m->deeds[2].time.second);
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        assert_int_equal(erased.n_events, 4);
        finish(t);
        assert_false(file_has(t, "plumbline.db", STR_LIT("司马相如")));
        test_rebuild_is_equal(t);
        test_open_desk(t, false);
        assert_int_equal(test_matter(t, r.matter)->n_deeds, 4);
        test_close(t);
}

/* Died between the recorded act and the cleaning: whoever comes next finishes. */
static void test_finished_by_the_next(void **state)
{
        struct test_site *t = open_with_pleas();
        struct receipt r;
        struct erased erased;
        struct erasure what = plea_1();
        (void)state;
        live(t, &r);
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        struct snapshot *reader = NULL; /* somebody reads: it has to wait */
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, snapshot_open(site_store(t->site), &reader, &t->err));
        assert_false(erasure_finish(t->site, &t->err));
        assert_int_equal(t->err.code, E_STORE_BUSY);
        snapshot_close(&reader);
        test_open_desk(t, false);
        test_reopen(t, false);
        assert_false(file_has(t, "plumbline.db", STR_LIT(ID_NO)));
        assert_false(file_has(t, "plumbline.db-wal", STR_LIT(ID_NO)));

        /* Died while the read tables were made again: the next to open makes them. */
        struct tx *tx = NULL;
        test_must(t, store_begin(site_store(t->site), &tx, &t->err));
        test_must(t, tx_run(tx, Q_META_PUT,
                                     PARAMS(param_text(STR_LIT("projection.rebuilding")),
                                                     param_text(STR_LIT("1"))),
                                     &t->err));
        test_must(t, tx_run(tx, Q_DROP_MATTER, NO_PARAMS, &t->err));
        test_must(t, tx_commit(&tx, &t->err));
        test_reopen(t, false);
        assert_int_equal(test_matter(t, r.matter)->n_deeds, 3);
        test_close(t);
}

/* ---- What is refused ---- */

static void test_refused(void **state)
{
        static const struct {
                const char *why, *matter, *actor;
                const char *ground;
                enum err_code code;
        } rows[] = {
                { "no ground at all", "测请〔2021〕1号", "zhao", "", E_ERASE_GROUND },
                { "no ground of 第四十七条", "测请〔2021〕1号", "zhao", "6", E_ERASE_GROUND },
                { "not his office, 第五十二条", "测请〔2021〕1号", "li", "1", E_ERASE_ROLE },
                { "nobody we know", "测请〔2021〕1号", "nobody", "1", E_DESK_ACTOR },
                { "no such matter", "测请〔2021〕9号", "zhao", "1", E_NOT_FOUND },
                { "still needed, 第四十七条第二款", "测请〔2021〕2号", "zhao", "1", E_ERASE_OPEN },
                { "no personal field", "测函〔2021〕1号", "zhao", "1", E_ERASE_NOTHING },
        };
        struct test_site *t = open_with_pleas();
        struct receipt r;
        struct erased erased;
        (void)state;
        live(t, &r);
        test_must(t, test_do(t, "plea.write", "li",
                                     "{\"subject\":\"二\",\"name\":\"甲\","
                                     "\"id_no\":\"" ID_NO "\"}",
                                     NULL));
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, NULL));
        test_must(t, test_do(t, "测函〔2021〕1号.lapse", "system", NULL, NULL));
        int64_t n = test_count(t, Q_EVENT_COUNT);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct erasure what = { str_of(rows[i].matter), str_of(rows[i].actor),
                        str_of(rows[i].ground), NULL, 0 };
                assert_false(erase_matter(t->arena, t->desk, &what, &erased, &t->err));
                if (t->err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(t->err.code)->name);
        }
        assert_int_equal(test_count(t, Q_EVENT_COUNT), n);
        test_close(t);
}

/* What a matter wrote to a register is kept as long as the entry holds. */
static void test_register_entries(void **state)
{
        struct test_site *t = open_with_pleas();
        struct erasure what = plea_1();
        struct erased erased;
        (void)state;
        test_must(t, test_do(t, "plea.write", "li",
                                     "{\"subject\":\"减免\",\"name\":\"" NAME
                                     "\",\"id_no\":\"" ID_NO "\"}",
                                     NULL));
        test_must(t, test_do(t, "测请〔2021〕1号.bar", "li", NULL, NULL));
        test_must(t, test_do(t, "测请〔2021〕1号.close", "li", NULL, NULL));
        test_must(t, test_do(t, "测执〔2021〕1号.send", "li", NULL, NULL));
        assert_false(erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        assert_int_equal(t->err.code, E_ERASE_REGISTER);
        t->now = test_moment("2021-04-02 09:00");
        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
        finish(t);
        assert_false(file_has(t, "plumbline.db", STR_LIT(ID_NO)));
        assert_false(file_has(t, "plumbline.db", STR_LIT(NAME)));
        test_rebuild_is_equal(t);
        test_open_desk(t, false);
        test_close(t);
}

/* Content that vanished without a recorded act is no erasure; nor is one that lets it stay;
 * nor may what was left say something else. */
static void test_the_audit_knows_the_difference(void **state)
{
        test_needs_file();
        static const struct {
                const char *why;
                bool erase;
                const char *change;
        } rows[] = {
                { "vanished", false,
                                "UPDATE event SET data = NULL, secret = NULL WHERE id = (SELECT last_seq FROM "
                                "matter WHERE procedure = 'plea')" },
                { "the rest is changed", true,
                                "UPDATE event SET data = replace(data, '减免', '加免') WHERE secret IS NULL" },
                { "the rest is gone", true, "UPDATE event SET data = NULL WHERE secret IS NULL" },
                { "the record of it is gone", true,
                                "UPDATE event SET data = NULL, secret = NULL "
                                "WHERE id = (SELECT max(id) FROM event)" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct test_site *t = open_with_pleas();
                struct receipt r;
                struct erased erased;
                struct erasure what = plea_1();
                struct audit audit;
                live(t, &r);
                if (rows[i].erase) {
                        test_must(t, erase_matter(t->arena, t->desk, &what, &erased, &t->err));
                        finish(t);
                        test_must(t, site_audit(t->site, &audit, &t->err));
                } else {
                        test_must(t, desk_close(&t->desk, &t->err));
                }
                site_close(&t->site);
                struct str command = str_format(t->arena,
                                "python3 -c \"import sqlite3, sys; "
                                "c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); "
                                "c.commit()\" %s/plumbline.db \"%s\"",
                                t->dir, rows[i].change);
                assert_int_equal(system(str_c(t->arena, command)), 0);
                test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
                if (site_audit(t->site, &audit, &t->err) || t->err.code != E_AUDIT)
                        fail_msg("%s: %s", rows[i].why, err_text(t->err.code)->name);
                test_open_desk(t, false);
                test_close(t);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_bytes_are_gone),
                cmocka_unit_test(test_attached_files_go),
                cmocka_unit_test(test_proofs_and_tables_hold),
                cmocka_unit_test(test_more_can_be_erased_later),
                cmocka_unit_test(test_notes_go),
                cmocka_unit_test(test_finished_by_the_next),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_register_entries),
                cmocka_unit_test(test_the_audit_knows_the_difference),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
