/* base/base.h - the few attributes that every room uses. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Runs close_function on the variable's address when its scope ends. */
#define _cleanup_(close_function) __attribute__((cleanup(close_function)))

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

#endif
