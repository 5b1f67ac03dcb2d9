/* identity.h - users and groups by name or number, resolved while the configuration is read, never while jobs run. */
#ifndef CONF_IDENTITY_H
#define CONF_IDENTITY_H

#include "base/problem.h"

/* A user or a group of this system: 0, or -EINVAL with "is not ..." in reterr. */
int check_user(const char *text, struct problem *reterr);
int check_group(const char *text, struct problem *reterr);

/*
 * Give "UID:GID:GROUP,...", to be freed, of a user and a group (NULL: the user's first) that were checked.  NULL when out
 * of memory, or when the system does not know them any more.
 */
char *identity_resolve(const char *user, const char *group);

#endif
