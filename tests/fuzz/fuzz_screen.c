/* fuzz/fuzz_screen.c - texts to be screened, and identifiers as they are typed.
 *
 * Findings are in order, do not overlap and fit the text; what is masked stays UTF-8.
 * Every check answers with a reason, and what passes it also passes normalized. */
#include <assert.h>

#include "fuzz.h"
#include "screen/detect.h"

static void check_kinds(struct arena *arena, struct str text)
{
        for (size_t i = 0; i < N_IDENTIFIER_KINDS; i++) {
                enum identifier_kind kind = (enum identifier_kind)i;
                const char *reason = NULL;
                struct str normal = identifier_normalize(arena, kind, text);
                if (!identifier_check(kind, text, DATE_NONE, &reason)) {
                        assert(reason != NULL && reason[0] != '\0');
                        continue;
                }
                bool stays = identifier_check(kind, normal, DATE_NONE, &reason);
                assert(stays);
                assert(str_is_utf8(mask_text(arena, kind, MASK_IDENTIFY, text)));
        }
}

static void check_findings(struct arena *arena, struct str text, const struct detection *detection)
{
        size_t behind = 0;
        struct str masked;
        struct err err;
        for (size_t i = 0; i < detection->n; i++) {
                const struct finding *finding = &detection->findings[i];
                assert(finding->from >= behind && finding->from < finding->to);
                assert(str_is_utf8(str_slice(text, finding->from, finding->to)));
                assert(str_is_utf8(finding->mask));
                behind = finding->to;
        }
        assert(behind <= text.n);
        bool applied = detect_apply(arena, text, detection->findings, detection->n, &masked, &err);
        assert(applied && str_is_utf8(masked));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct str allowed[] = { STR_LIT("@xm.gov.cn"), STR_LIT("张三") };
        struct str text = { (const char *)data, size };
        struct arena *arena = arena_open();
        struct detect_options options = { .today = { 18898 }, .allowed = allowed, .n_allowed = 2 };
        struct detection detection;
        struct err err;
        check_kinds(arena, text);
        (void)identifier_probe(arena, text);
        if (detect_identifiers(arena, text, &options, &detection, &err))
                check_findings(arena, text, &detection);
        else
                assert(!str_is_utf8(text));
        arena_close(&arena);
        return 0;
}
