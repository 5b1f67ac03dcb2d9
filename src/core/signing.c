/* signing.c - see signing.h. */
#include "core/signing.h"

#include <stdlib.h>
#include <string.h>

void secret_fini(struct secret *secret)
{
	if (secret->data)
		explicit_bzero(secret->data, secret->bytes);
	free(secret->data);
	*secret = (struct secret){0};
}

static void free_list(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free(list);
}

void signing_key_fini(struct signing_key *key)
{
	for (size_t i = 0; i < key->n_secrets; i++)
		secret_fini(&key->secrets[i]);
	free(key->secrets);
	free(key->name);
	free_list(key->secret_files);
	free_list(key->tenants);
	*key = (struct signing_key){0};
}
