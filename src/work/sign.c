/* sign.c - see sign.h. */
#include "work/sign.h"

#include <errno.h>
#include <inttypes.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "work/outside.h"

static int sign_with(struct buf *out, const struct secret *secret, const struct buf *content)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned bytes = 0;

	if (!HMAC(EVP_sha256(), secret->data, (int)secret->bytes, (const unsigned char *)content->data,
		    content->len, digest, &bytes))
		return -ENOMEM;
	buf_addf(out, "%sv1,", out->len > 0 ? " " : "");
	return base64_encode(out, (const char *)digest, bytes);
}

int sign_call(struct buf *out, const struct signing_key *key, const char *id, int64_t timestamp_s,
	const char *body, size_t body_bytes)
{
	CLEANUP(buf_fini) struct buf content = {0};
	int r;

	buf_addf(&content, "%s.%" PRId64 ".", id, timestamp_s);
	r = body_bytes > 0 ? buf_add(&content, body, body_bytes) : content.error;
	for (size_t i = 0; r == 0 && i < key->n_secrets; i++)
		r = sign_with(out, &key->secrets[i], &content);
	return r;
}
