#include "rules/feel_builtin.h"
const struct builtin feel_conversions[] = { { 0 } };
const struct builtin feel_strings[] = { { 0 } };
const struct builtin feel_numbers[] = { { 0 } };
const struct builtin feel_dates[] = { { 0 } };
const struct builtin feel_contexts[] = { { 0 } };
const struct builtin feel_ranges[] = { { 0 } };
