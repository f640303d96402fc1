/* clock/probe.h - last days for lines of text, so that anyone can check the count.
 *
 * `plumbline probe deadline` reads "start TAB length TAB unit" lines (unit:
 * working_days, days or months) and answers each with one line:
 *
 *   2021-10-13 TAB firm              or TAB provisional
 *   error TAB E_PROBE_LINE TAB 期限试算行格式不正确…
 *
 * One bad line spoils no other. */
#ifndef CLOCK_PROBE_H
#define CLOCK_PROBE_H

#include "base/str.h"
#include "clock/calendar.h"

/* Answers one line (with or without its line end); adds the answer, without a
 * line end, to `out`. */
void clock_probe(const struct calendar *calendar, struct str line, struct buf *out);

#endif
