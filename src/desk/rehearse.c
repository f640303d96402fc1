#include "desk/rehearse.h"

#include <assert.h>

#include "desk/stage.h"

struct playing {
        struct arena *arena;
        const struct catalogue *catalogue;
        const struct calendar_set *calendars;
        struct str preamble; /* what stands before the first heading */
        struct buf out;      /* the file as it is now */
        struct rehearsal_block *blocks;
        size_t n_blocks, capacity;
};

static const struct site_config *bureau(struct site_config *config)
{
        *config = (struct site_config){
                .organ = STR_LIT("厦门市司法局"),
                .prefix = STR_LIT("厦司"),
                .region = STR_LIT("350200"),
                .city = STR_LIT("厦门市"),
                .store = STR_LIT("sqlite"),
                .hash = LEDGER_SHA256,
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .parameters = value_context(NULL, 0),
        };
        return config;
}

static struct rehearsal_block *add_block(struct playing *p)
{
        if (p->n_blocks == p->capacity) {
                struct rehearsal_block *old = p->blocks;
                p->capacity = 2 * p->capacity + 16;
                p->blocks = arena_new_array(p->arena, p->capacity, struct rehearsal_block);
                for (size_t i = 0; i < p->n_blocks; i++)
                        p->blocks[i] = old[i];
        }
        struct rehearsal_block *block = &p->blocks[p->n_blocks++];
        *block = (struct rehearsal_block){ .same = true };
        return block;
}

/* Compares line by line, to name the first that differs. */
static void compare(struct rehearsal_block *block, struct str expected, struct str got)
{
        struct str e_line, g_line;
        for (int line = block->line; expected.n > 0 || got.n > 0; line++) {
                e_line = expected.n > 0 ? str_split(&expected, '\n') : (struct str){ NULL, 0 };
                g_line = got.n > 0 ? str_split(&got, '\n') : (struct str){ NULL, 0 };
                if (str_eq(e_line, g_line))
                        continue;
                block->same = false;
                block->first_difference = line;
                block->expected = e_line;
                block->got = g_line;
                return;
        }
}

/* Plays the statements of `text`; all lines but old answers are written again. */
static void play_lines(struct stage *stage, struct buf *out, struct str text,
                struct rehearsal_block *block)
{
        struct lines lines = { .rest = text };
        struct str line;
        struct err err = { 0 };
        for (enum line_kind kind; (kind = lines_next(&lines, &line)) != LINE_END;) {
                if (kind == LINE_ANSWER)
                        continue;
                buf_str_add(out, line);
                buf_char(out, '\n');
                if (kind != LINE_STATEMENT || stage_play(stage, line, &err))
                        continue;
                block->n_faults++;
                stage_say(stage, "脚本错误：%.*s", STR_FMT(err_sentence(stage->arena, &err)));
        }
}

static bool play_block(struct playing *p, struct str text, int line, struct err *err)
{
        struct rehearsal_block *block = add_block(p);
        struct lines lines = { .rest = text };
        struct str heading;
        if (lines_next(&lines, &heading) == LINE_HEADING)
                block->heading = str_trim(str_slice(heading, 2, heading.n));
        block->line = line;

        struct arena *arena = arena_open();
        struct stage *stage = NULL;
        struct site_config config;
        struct buf setting_up = BUF(arena);
        bool ok = stage_open(arena, bureau(&config), p->catalogue, p->calendars, &setting_up,
                        &stage, err);
        if (ok) {
                size_t from = p->out.n;
                play_lines(stage, &setting_up, p->preamble, block);
                stage->out = &p->out;
                play_lines(stage, &p->out, text, block);
                struct str got = str_slice(buf_str(&p->out), from, p->out.n);
                compare(block, text, got);
        }
        stage_close(&stage);
        arena_close(&arena);
        return ok;
}

/* Where the next block begins, or the end. */
static size_t next_heading(struct str text, size_t from)
{
        for (size_t at = from; at < text.n; at++)
                if ((at == 0 || text.p[at - 1] == '\n') && text.p[at] == '#' && at + 1 < text.n &&
                                text.p[at + 1] == ' ')
                        return at;
        return text.n;
}

static int count_lines(struct str text)
{
        int n = 0;
        for (size_t i = 0; i < text.n; i++)
                n += text.p[i] == '\n';
        return n;
}

bool rehearse(struct arena *arena, const struct catalogue *catalogue,
                const struct calendar_set *calendars, struct str text, struct rehearsal *ret,
                struct err *err)
{
        assert(arena && catalogue && calendars && ret && err);
        if (!str_is_utf8(text))
                return err_set(err, E_UTF8, "脚本内容");
        struct playing p = {
                .arena = arena, .catalogue = catalogue, .calendars = calendars, .out = BUF(arena)
        };
        size_t first = next_heading(text, 0);
        if (first > 0 && !play_block(&p, str_slice(text, 0, first), 1, err))
                return false;
        p.preamble = str_slice(text, 0, first);
        for (size_t at = first; at < text.n;) {
                size_t end = next_heading(text, at + 1);
                int line = 1 + count_lines(str_slice(text, 0, at));
                if (!play_block(&p, str_slice(text, at, end), line, err))
                        return false;
                at = end;
        }
        *ret = (struct rehearsal){ buf_str(&p.out), p.blocks, p.n_blocks };
        return true;
}
