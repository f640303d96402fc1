/* web/difference_view.h - two texts beside each other, as pages/parts/difference.html prints them;
 * for this room only. */
#ifndef WEB_DIFFERENCE_VIEW_H
#define WEB_DIFFERENCE_VIEW_H

#include "web/view.h"

/* Adds `lines`, `n_gone`, `n_new`: what went and what came, with a few lines around each place. */
void difference_add(struct view *view, struct str before, struct str after);

#endif
