/* guards.h - what the lists of a configuration open to http jobs, read once. */
#ifndef CONF_GUARDS_H
#define CONF_GUARDS_H

#include "conf/conf.h"

/* Of the checked lists of a configuration, which the guards borrow from.  0 or -ENOMEM. */
int guards_make(struct conf *conf);

void guards_fini(struct guard *guard);

#endif
