/* web/mode.h - the elderly mode (长者模式): large type, strong contrast, one thing on a page.
 *
 * Kept in a cookie, switched by a link or a form, without a script. For this room only. */
#ifndef WEB_MODE_H
#define WEB_MODE_H

#include "web/visit.h"

bool mode_is_elder(const struct visit *visit);

/* The address that switches to the other mode and comes back: to this page, or (an error's, which
 * is the same whatever was asked for) to the first. */
struct str mode_url(struct visit *visit, bool to_this_page);

#endif
