/* desk/test_doctor.h - a site that is looked at, and what is done to its files. */
#ifndef DESK_TEST_DOCTOR_H
#define DESK_TEST_DOCTOR_H

#include "desk/test_site.h"

#include <string.h>

#include "desk/doctor.h"

struct looking {
        struct doctor_finding findings[DOCTOR_CHECKS_MAX];
        size_t n;
};

static inline struct looking look(struct test_site *t, struct doctor_options options)
{
        struct looking l = { 0 };
        if (options.now.second == 0)
                options.now = t->now;
        if (options.data == NULL)
                options.data = &t->data;
        l.n = site_examine(t->arena, str_of(t->dir), &options, l.findings);
        assert_true(l.n > 0 && l.n <= DOCTOR_CHECKS_MAX);
        return l;
}

static inline const struct doctor_finding *found(const struct looking *l, const char *name)
{
        for (size_t i = 0; i < l->n; i++)
                if (strcmp(l->findings[i].name, name) == 0)
                        return &l->findings[i];
        fail_msg("no check %s", name);
        return NULL;
}

/* This check alone says so; those named besides it too, and what could not be looked at. */
static inline void expect(const struct looking *l, const char *name, enum doctor_grade grade,
                const char *also)
{
        for (size_t i = 0; i < l->n; i++) {
                const struct doctor_finding *f = &l->findings[i];
                bool meant = strcmp(f->name, name) == 0 ||
                             (also != NULL && strstr(also, f->name) != NULL);
                if (!meant && f->grade > DOCTOR_SKIPPED)
                        fail_msg("%s: %.*s", f->name, STR_FMT(f->said));
                if (strcmp(f->name, name) != 0)
                        continue;
                if (f->grade != grade)
                        fail_msg("%s: grade %d: %.*s", name, (int)f->grade, STR_FMT(f->said));
                assert_true(f->said.n > 0);
                assert_int_equal(f->advice.n > 0, grade > DOCTOR_SKIPPED);
        }
}

/* A site of a folder, closed, signed, nothing the matter with it. */
static inline struct test_site *closed_site(void)
{
        struct test_site *t = test_open(false);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        return t;
}

static inline const char *in(struct test_site *t, const char *name)
{
        return str_c(t->arena, str_format(t->arena, "%s/%s", t->dir, name));
}

static inline void spoil(const char *path, long at, const char *bytes, size_t n)
{
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fwrite(bytes, 1, n, file), n);
        assert_int_equal(fclose(file), 0);
}

static inline void copy_file(const char *from, const char *to)
{
        char bytes[4096];
        size_t n;
        FILE *in = fopen(from, "r"), *out = fopen(to, "w");
        assert_non_null(in);
        assert_non_null(out);
        while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
                assert_int_equal(fwrite(bytes, 1, n, out), n);
        fclose(in);
        assert_int_equal(fclose(out), 0);
}

static inline uint64_t sum_of(const char *path)
{
        uint64_t sum = 14695981039346656037u; /* FNV-1a */
        FILE *file = fopen(path, "r");
        for (int c; file != NULL && (c = fgetc(file)) != EOF;)
                sum = (sum ^ (uint64_t)c) * 1099511628211u;
        if (file != NULL)
                fclose(file);
        return sum;
}

#endif
