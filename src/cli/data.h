/* cli/data.h - the folder of definitions that the program comes with.
 *
 * --data, or $PLUMBLINE_DATA, or the working directory, or what stands beside the
 * program: ../.. of a build folder, ../share/plumbline where it is installed. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "desk/site.h"

MUST_CHECK bool data_folder(
                struct arena *arena, struct str given, struct str *ret, struct err *err);
MUST_CHECK bool data_read(
                struct arena *arena, struct str given, struct site_data *ret, struct err *err);
MUST_CHECK bool data_catalogue(struct arena *arena, const struct site_data *data,
                struct catalogue *ret, struct err *err);
MUST_CHECK bool data_calendars(struct arena *arena, const struct site_data *data,
                const struct calendar_set **ret, struct err *err);

#endif
