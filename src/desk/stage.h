/* desk/stage.h - a fresh bureau on which a rehearsal plays one block; for this room only. */
#ifndef DESK_STAGE_H
#define DESK_STAGE_H

#include "desk/desk.h"
#include "desk/statement.h"

struct stage_name {
        struct str name; /* "A" */
        int64_t matter;
};

struct stage {
        struct arena *arena;
        struct site *site;
        struct desk *desk;
        struct moment now; /* what the desk's clock says */
        struct str unit;   /* the first that was set up: home of whoever has no other */
        struct stage_name *names;
        size_t n_names;
        struct str *people; /* staff that are set up */
        size_t n_people;
        uint64_t entropy; /* a counter: no random number shows */
        struct buf *out;  /* answers, each line behind "< " */
};

MUST_CHECK bool stage_open(struct arena *arena, const struct site_config *config,
                const struct catalogue *catalogue, const struct calendar_set *calendars,
                struct buf *out, struct stage **ret, struct err *err);
void stage_close(struct stage **stage);

/* Plays one statement and writes its answers. False: the statement makes no sense
 * (E_REHEARSAL, E_JSON ...); refusals are answers. */
MUST_CHECK bool stage_play(struct stage *stage, struct str text, struct err *err);

/* One answer line. */
void stage_say(struct stage *stage, const char *format, ...) PRINTF_LIKE(2, 3);

/* The matter of a name, or false. */
bool stage_matter(const struct stage *stage, struct str name, int64_t *ret);

void stage_name_matter(struct stage *stage, struct str name, int64_t matter);

/* The version a matter runs under. */
MUST_CHECK bool stage_version(
                struct stage *stage, int64_t matter, const struct version **ret, struct err *err);

/* show, list, entry, figure, explain ... (stage_show.c); *ret_known false: not one of them. */
MUST_CHECK bool stage_show(struct stage *stage, const struct statement *statement, bool *ret_known,
                struct err *err);

#endif
