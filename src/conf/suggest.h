/* suggest.h - what somebody may have meant. */
#ifndef CONF_SUGGEST_H
#define CONF_SUGGEST_H

#include "conf/options.h"

/* The key of the section (outside of all: or the section) nearest to `name`; NULL when none is worth a guess. */
const char *suggest_name(const struct section *section, const char *name);

#endif
