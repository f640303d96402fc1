/* desk/act.h - acts that the program does by itself; for this room only. */
#ifndef DESK_ACT_H
#define DESK_ACT_H

#include "desk/writer.h"

/* An act on a matter as `system`, and what follows from it. */
MUST_CHECK bool act_by_system(struct writer *writer, struct matter *matter,
                const struct act_request *request, struct receipt *ret, struct err *err);

#endif
