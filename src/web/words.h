/* web/words.h - how states and clocks are worded and coloured; for this room only.
 *
 * The label says it all; the tone (pages/README.md) only repeats it. */
#ifndef WEB_WORDS_H
#define WEB_WORDS_H

#include "clock/calendar.h"
#include "procedure/matter.h"

/* A matter's state: {"label", "tone"}. */
struct value words_state(struct arena *arena, struct str label, bool final, bool late);

/* A clock's: 进行中, 按期办结, 已逾期 ... */
struct value words_clock(struct arena *arena, const struct clock_definition *definition,
                const struct matter_clock *clock);

/* "还剩 3 个工作日", "最后一日", "已逾期 2 日"; empty if it does not run. */
struct str words_left(struct arena *arena, const struct matter *matter, size_t clock,
                const struct calendar *calendar, struct date today, struct date last_day);

/* Who may do an act: party names and roles in Chinese, "、" between. */
struct catalogue;
struct str words_people(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version, const struct act *act);

/* Whom a paper went to; empty where nobody says. */
struct recipients;
struct str words_recipients(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version, const struct recipients *recipients);

/* Who did it: the party, or the roles of staff who may; never a name or a staff id. */
struct str words_actor(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version, const struct act *act, struct str actor);

#endif
