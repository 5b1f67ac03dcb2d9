/* value.h - the text of one value, by its option's row: checked, stored, compared. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>

#include "conf/options.h"

/*
 * Check `text` as a value of `option` (of a list: as one element).  0, or -EINVAL with the key, the value and what is
 * allowed in reterr.
 */
int value_check(const struct option *option, const char *text, struct problem *reterr);

/* Store a checked value in the option's member of `base`; a list gets it as one more element.  0 or -ENOMEM. */
int value_store(const struct option *option, const char *text, void *base);

/* Give every member of a section's zeroed structure its default.  0 or -ENOMEM; `base` stays fit to be freed. */
int value_store_defaults(const struct section *section, void *base);

/* Give a copy of a list, or NULL. */
char **value_copy_list(char *const *list);

/* Whether the option has the same value in both; not for lists. */
bool value_equal(const struct option *option, const void *base, const void *other);

/* What kind of value it is, in one word for manuals: "count", "duration", ... */
const char *value_kind_name(enum option_kind kind);

#endif
