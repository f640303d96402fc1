/* procedure/read_file.h - the kinds of definition file. Private to this room. */
#ifndef PROCEDURE_READ_FILE_H
#define PROCEDURE_READ_FILE_H

#include "procedure/read.h"

const struct procedure *read_procedure(
                struct reader *r, const struct yaml *root, struct str source);
const struct reg *read_register(struct reader *r, const struct yaml *root, struct str source);

/* An indicator and where it stands; bound to procedures once all are read. */
const struct indicator *read_indicators(struct reader *r, const struct yaml *root, size_t *ret_n);

const struct report_definition *read_report(struct reader *r, const struct yaml *root);
const struct erasure_ground *read_grounds(struct reader *r, const struct yaml *root, size_t *ret_n);

#endif
