/* hook/test_letters.h - a small site whose letters anybody may read, for the tests of this room.
 *
 * What must never be told carries 密: personal and internal fields, names of
 * staff, and everything of a note, which is hidden. */
#ifndef HOOK_TEST_LETTERS_H
#define HOOK_TEST_LETTERS_H

#include "desk/test_site.h"

static const char test_letter[] =
                "procedure: letter\n"
                "label: 来信\n"
                "visible: always\n"
                "versions:\n"
                "  - version: L1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '{prefix}信〔{year}〕{n}号'\n"
                "    title: subject\n"
                "    parties: {applicant: 申请人}\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, class: public, max: 100}\n"
                "      who: {label: 写信人, type: text, class: personal}\n"
                "      opinion: {label: 意见, type: text}\n"
                "      result: {label: 结果, type: text, class: published}\n"
                "      steps: {label: 经过, type: list, class: public, item: {\n"
                "              what: {label: 事项, type: text, class: public}}}\n"
                "      names: {label: 名单, type: list, item: {name: {label: 姓名, type: text}}}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      write: {label: 来信, by: [clerk, applicant], from: new, to: open,\n"
                "              needs: [subject], takes: [who, steps, names], notifies: [clerk]}\n"
                "      answer: {label: 答复, by: clerk, from: open, to: done, takes: [opinion, result]}\n"
                "    clocks: {}\n";

static inline struct test_site *test_open_letters(const char *receivers, const char *spool)
{
        static struct definition_source definitions[16];
        struct test_site *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        t->arena = arena_open();
        t->now = test_moment("2021-03-01 09:00");
        snprintf(t->dir, sizeof(t->dir), "/tmp/hook-XXXXXX");
        assert_non_null(mkdtemp(t->dir));
        struct site_config config = test_config();
        config.receivers = str_of(receivers);
        if (spool != NULL)
                config.spool = str_format(t->arena, "%s/%s", t->dir, spool);
        t->data = test_data();
        size_t n = t->data.n_definitions;
        for (size_t i = 0; i < n; i++) /* sorted by name: after the indicators and copies */
                definitions[i < 2 ? i : i + 1] = t->data.definitions[i];
        definitions[2] = (struct definition_source){ STR_LIT("procedures/letter.yaml"),
                { test_letter, sizeof(test_letter) - 1 } };
        t->data.definitions = definitions;
        t->data.n_definitions = n + 1;
        test_must(t, site_init(str_of(t->dir), &config, &t->data, t->now, &t->err));
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, true);
        test_people(t);
        return t;
}

#define TEST_LETTER                                                                                \
        "{\"subject\":\"修路\",\"who\":\"密甲\",\"steps\":[{\"what\":\"收\"}],"               \
        "\"names\":[{\"name\":\"密乙\"}]}"

/* A letter: one event that is told. */
static inline struct receipt test_write(struct test_site *t)
{
        struct receipt receipt;
        test_must(t, test_do(t, "letter.write", "li", TEST_LETTER, &receipt));
        return receipt;
}

static inline bool test_has(struct str text, const char *part)
{
        return str_find(text, str_of(part)) != SIZE_MAX;
}

#endif
