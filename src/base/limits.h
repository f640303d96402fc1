/* base/limits.h - every limit of the program, in one place.
 *
 * A limit is reached by input, never by us: past it the input is refused with
 * E_LIMIT (or a closer code), and nothing is truncated in silence. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define LIMIT_BODY_BYTES        (32u << 20)  /* one HTTP request body: a form with its files */
#define LIMIT_FORM_BYTES        (256u << 10) /* ... a form without */
#define LIMIT_JSON_BYTES        (1u << 20)   /* ... an act as JSON */
#define LIMIT_BODIES_BYTES      (256u << 20) /* all bodies that are being received */
#define LIMIT_FORM_FIELDS       2048u        /* texts and files of one form */
#define LIMIT_FORM_FILES        20u          /* files of one form */
#define LIMIT_FIELD_BYTES       (64u << 10)  /* one field of one act, as text */
#define LIMIT_ACT_FIELDS        128u         /* fields handed over by one act */
#define LIMIT_EVENT_BYTES       (1u << 20)   /* one event, all fields together */
#define LIMIT_EVENT_FIELDS      512u         /* fields of one event, ours included */
#define LIMIT_EVENT_TEXT_BYTES  255u         /* one identifier in a leaf: matter, actor, act */
#define LIMIT_FILE_BYTES        (16u << 20)  /* one attached file */
#define LIMIT_PAGE_ROWS         200u         /* rows of one page */
#define LIMIT_NESTING           32u          /* JSON, YAML, expressions, lists in lists */
#define LIMIT_LIST_ITEMS        100000u      /* items of one list value (a frozen pool) */
#define LIMIT_POOL_OBJECTS      2000000u     /* objects of one frozen pool */
#define LIMIT_POOL_INSPECTORS   10000u       /* inspectors of one frozen pool */
#define LIMIT_PUBLICATION_BYTES (512u << 20) /* one published draw */
#define LIMIT_DEFINITION_BYTES  (1u << 20)   /* one YAML file */
#define LIMIT_EXPRESSION_BYTES  8192u        /* one FEEL expression */
#define LIMIT_EXPRESSION_STEPS  200000u      /* evaluation steps of one expression */
#define LIMIT_TEMPLATE_BYTES    (1u << 20)   /* one template with all its parts */
#define LIMIT_TEMPLATE_NODES    20000u       /* tags and texts of one template */
#define LIMIT_TEMPLATE_STEPS    2000000u     /* nodes visited by one rendering */
#define LIMIT_TEMPLATE_OUTPUT   (16u << 20)  /* one page or document */
#define LIMIT_NAME_BYTES        64u          /* identifiers in definitions */
#define LIMIT_KEY_BYTES         128u         /* idempotency keys, register keys */
#define LIMIT_ADDRESS_BYTES     1024u        /* where a site keeps its records */

#endif
