/* signing.h - the keys that calls are signed with, by Standard Webhooks (https://www.standardwebhooks.com). */
#ifndef CORE_SIGNING_H
#define CORE_SIGNING_H

#include <stddef.h>

struct secret {
	char *data;
	size_t bytes;
};

struct signing_key {
	char *name;
	char **secret_files; /* where they are; NULL-terminated */
	char **tenants;      /* whose jobs may sign with it; none: all */
	struct secret *secrets;
	size_t n_secrets;
};

/* Free a key's members, with its secrets wiped from memory. */
void signing_key_fini(struct signing_key *key);
void secret_fini(struct secret *secret);

#endif
