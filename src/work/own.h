/* own.h - the addresses of this machine, as they were at most a second ago; each loop looks for itself. */
#ifndef WORK_OWN_H
#define WORK_OWN_H

#include "core/guard.h"

struct own;

int own_new(struct own **ret_own); /* in a runtime; 0 or -ENOMEM */
void own_free(struct own *own);    /* NULL is allowed */

/* Give them, valid until the calling loop asks again.  0, or -errno: they cannot be known. */
int own_look(struct own *own, const struct own_addresses **ret_addresses);

#endif
