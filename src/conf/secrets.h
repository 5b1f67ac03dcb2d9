/* secrets.h - secrets that a configuration names, in files that are read with it. */
#ifndef CONF_SECRETS_H
#define CONF_SECRETS_H

#include "base/problem.h"
#include "core/signing.h"

/*
 * Read the secret of a file, by its absolute path or as a credential of the service manager by its name: "whsec_" and base64, of 24 to 64
 * bytes, which others may not read.  0, -ENOMEM, or -EINVAL with "is not ..." in reterr, which never tells what is in the file.
 */
int secret_read(const char *file, struct secret *ret_secret, struct problem *reterr);

/* Read all of a key's.  As secret_read(). */
int secrets_load(struct signing_key *key, struct problem *reterr);

#endif
