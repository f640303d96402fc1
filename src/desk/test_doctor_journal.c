/* The log beside the file, as a program that was killed leaves it, and as it is cut and spoilt. */
#include "desk/test_doctor.h"

#include <sys/stat.h>

/* As a program that was killed leaves it: acts that are in the log alone. */
static struct test_site *killed_site(bool with_index)
{
        static const char *const tails[] = { "", "-wal", "-shm" };
        struct test_site *t = test_open(false);
        char kept[80];
        snprintf(kept, sizeof(kept), "%s/kept", t->dir);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        for (size_t i = 0; i < N_ELEMENTS(tails); i++)
                copy_file(str_c(t->arena, str_format(t->arena, "%s/plumbline.db%s", t->dir,
                                                          tails[i])),
                                str_c(t->arena, str_format(t->arena, "%s%s", kept, tails[i])));
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        for (size_t i = 0; i < N_ELEMENTS(tails); i++) {
                const char *back = str_c(t->arena,
                                str_format(t->arena, "%s/plumbline.db%s", t->dir, tails[i]));
                (void)remove(back);
                if (i < 2 || with_index)
                        copy_file(str_c(t->arena, str_format(t->arena, "%s%s", kept, tails[i])),
                                        back);
        }
        return t;
}

static long bytes_of(const char *path)
{
        struct stat about;
        return stat(path, &about) == 0 ? (long)about.st_size : -1;
}

/* How many frames there are up to the last but the newest that ends a transaction, or does not. */
static long last_frames(const char *log, long frame, long n, bool ends)
{
        FILE *file = fopen(log, "r");
        uint8_t size[4]; /* of the file after the commit, in a frame that is one */
        bool found = false;
        assert_non_null(file);
        for (n--; !found && n > 0; n -= !found) {
                assert_int_equal(fseek(file, 32 + (n - 1) * frame + 4, SEEK_SET), 0);
                assert_int_equal(fread(size, 1, sizeof(size), file), sizeof(size));
                found = ((size[0] | size[1] | size[2] | size[3]) != 0) == ends;
        }
        assert_int_equal(fclose(file), 0);
        assert_true(found);
        return n;
}

static void test_journal(void **state)
{
        enum what {
                LEFT_ALONE,
                CUT_PAGE,
                CUT_WITHIN, /* between two pages of one transaction */
                CUT_BEHIND, /* ... between two transactions */
                SPOIL_HEADER,
                SPOIL_FRAME,
                SPOIL_REST,
                GONE
        };
        static const struct {
                const char *why;
                enum what what;
                bool with_index;
                enum doctor_grade grade;
                const char *said;
        } rows[] = {
                { "killed, nothing else", LEFT_ALONE, true, DOCTOR_FINE, "完整" },
                { "the same, copied elsewhere", LEFT_ALONE, false, DOCTOR_FINE,
                                "末尾少了整笔的记录也看不出" },
                { "cut in mid page, as the index knows", CUT_PAGE, true, DOCTOR_BROKEN,
                                "少了末尾的" },
                { "cut in mid page", CUT_PAGE, false, DOCTOR_WARNING, "末尾不完整" },
                { "cut between pages, as the index knows", CUT_WITHIN, true, DOCTOR_BROKEN,
                                "少了末尾的" },
                { "cut between pages", CUT_WITHIN, false, DOCTOR_WARNING, "末尾不完整" },
                { "cut between transactions, as the index knows", CUT_BEHIND, true, DOCTOR_BROKEN,
                                "少了末尾的" },
                /* Every byte is as it was then: only what was published knows of more
                 * (test_published_is_ahead). */
                { "cut between transactions", CUT_BEHIND, false, DOCTOR_FINE,
                                "末尾少了整笔的记录也看不出" },
                { "no log where the index tells of one", GONE, true, DOCTOR_BROKEN, "少了末尾的" },
                { "garbage from the start", SPOIL_HEADER, true, DOCTOR_BROKEN,
                                "从第 1 页起读不出" },
                { "a spoilt page, good ones behind it", SPOIL_FRAME, false, DOCTOR_BROKEN,
                                "从第 2 页起读不出" },
                { "garbage to the end", SPOIL_REST, false, DOCTOR_BROKEN, "从第 2 页起读不出" },
        };
        (void)state;
        test_needs_file();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct test_site *t = killed_site(rows[i].with_index);
                const char *log = in(t, "plumbline.db-wal"), *file = in(t, "plumbline.db");
                long frame = 24 + 4096, n = (bytes_of(log) - 32) / frame;
                assert_true(n > 4);
                switch (rows[i].what) {
                case LEFT_ALONE:
                        break;
                case CUT_PAGE:
                        assert_int_equal(truncate(log, 32 + (n - 1) * frame + 100), 0);
                        break;
                case CUT_WITHIN:
                case CUT_BEHIND:
                        n = last_frames(log, frame, n, rows[i].what == CUT_BEHIND);
                        assert_int_equal(truncate(log, 32 + n * frame), 0);
                        break;
                case SPOIL_HEADER:
                        spoil(log, 0, "garbage, garbage", 16);
                        break;
                case SPOIL_FRAME:
                        spoil(log, 32 + frame + 200, "garbage", 7);
                        break;
                case SPOIL_REST:
                        for (long at = 32 + frame; at < 32 + n * frame; at += 8)
                                spoil(log, at, "garbage.", 8);
                        break;
                case GONE:
                        assert_int_equal(remove(log), 0);
                        break;
                }
                uint64_t of_log = sum_of(log), of_file = sum_of(file);
                for (int again = 0; again < 2; again++) { /* looking leaves an index */
                        struct looking l = look(t, (struct doctor_options){ 0 });
                        const struct doctor_finding *f = found(&l, "journal");
                        if (f->grade != rows[i].grade ||
                                        (again == 0 && str_find(f->said, str_of(rows[i].said)) ==
                                                                        SIZE_MAX))
                                fail_msg("%s: grade %d: %.*s", rows[i].why, (int)f->grade,
                                                STR_FMT(f->said));
                        if (rows[i].grade != DOCTOR_FINE)
                                assert_int_equal(found(&l, "store")->grade, DOCTOR_SKIPPED);
                        else
                                assert_int_equal(found(&l, "store")->grade, DOCTOR_FINE);
                }
                assert_int_equal(sum_of(log), of_log);
                assert_int_equal(sum_of(file), of_file);
                test_close(t);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_journal),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
