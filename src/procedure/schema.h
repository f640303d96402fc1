/* procedure/schema.h - the names and types that a definition's expressions see.
 *
 * The order of slots is definition.h's; docs/procedures.md says what the names
 * mean. Private to this room. */
#ifndef PROCEDURE_SCHEMA_H
#define PROCEDURE_SCHEMA_H

#include "procedure/definition.h"

/* The type of a field's value. */
const struct feel_type *schema_field_type(struct arena *arena, const struct field *field);

/* The type that a parameter's value has. */
const struct feel_type *schema_value_type(const struct value *value);

/* Of a version whose fields, lookups, parameters, locals, acts (names), clocks
 * (names) and tables are read; registers are looked up in the catalogue. */
const struct feel_schema *schema_of_version(struct arena *arena, const struct version *version,
                const struct catalogue *catalogue);

/* Of a register: its fields, then the fixed names. */
const struct feel_schema *schema_of_register(struct arena *arena, const struct reg *reg);

/* The same schema with an indicator's parameters behind all other names. */
const struct feel_schema *schema_with_parameters(struct arena *arena,
                const struct feel_schema *schema, const struct parameter *parameters, size_t n);

/* Names that a field, lookup, parameter or local may not take. */
bool schema_is_reserved(struct str name);

/* Names that mean something in FEEL itself. A register's field may be called `unit` or
 * `parent`: it is asked for as `item.unit`, or stands before the fixed name. */
bool schema_is_keyword(struct str name);

#endif
