/*
 * lexis.h - the check that stands before json-c.
 *
 * json-c builds the tree and knows the grammar of values, but even its strict
 * mode takes words, numbers and characters that RFC 8259 does not know: NaN,
 * -01, 1., raw control characters, 'single quotes', a NUL and what follows it.
 * This pass looks at the tokens alone, so that the two together are exact.
 */
#ifndef JSON_LEXIS_H
#define JSON_LEXIS_H

#include <stddef.h>

/* What is wrong with the tokens of DATA and the byte where it begins, or NULL. */
const char *json_lexis_fault(const char *data, size_t len, size_t *ret_where);

#endif
