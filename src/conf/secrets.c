/* secrets.c - see secrets.h. */
#include "conf/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/list.h"
#include "conf/value.h"

#define PREFIX "whsec_"

enum { FILE_MAX = 1024, SECRET_MIN = 24, SECRET_MAX = 64 };

/* A reason, to follow the key and its value in a message. */
#define wrong(reterr, ...) problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, NULL, __VA_ARGS__)

static int find(const char *file, char path[static PATH_MAX], struct problem *reterr)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	int n;

	if (file[0] != '/' && (!file[0] || strchr(file, '/')))
		return wrong(reterr, "is not a path that begins with /, nor the name of a credential");
	if (file[0] != '/' && !folder)
		return wrong(reterr, "is not a credential: the service manager has passed none");
	n = file[0] == '/' ? snprintf(path, PATH_MAX, "%s", file)
			   : snprintf(path, PATH_MAX, "%s/%s", folder, file);
	return n < PATH_MAX ? 0 : wrong(reterr, "is not a path of less than %d bytes", PATH_MAX);
}

/* The file's text, of less than FILE_MAX bytes. */
static int read_text(const char *path, char text[static FILE_MAX], struct problem *reterr)
{
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t n;

	if (fd < 0 || fstat(fd, &status) < 0)
		return wrong(reterr, "is not a file that can be read: %s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return wrong(reterr, "is not a file that can be read: it is no regular file");
	if (status.st_mode & S_IRWXO)
		return wrong(reterr, "is not secret: all may read or change it, by its mode %04o",
			(unsigned)(status.st_mode & 07777));
	n = read(fd, text, FILE_MAX);
	if (n < 0)
		return wrong(reterr, "is not a file that can be read: %s", strerror(errno));
	if (n == FILE_MAX)
		return wrong(reterr, "is not a secret: it has more than %d bytes", FILE_MAX - 1);
	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	text[n] = '\0';
	return 0;
}

static int decode(const char *text, struct secret *ret_secret, struct problem *reterr)
{
	struct secret secret = {0};
	int r = -EINVAL;

	if (strncmp(text, PREFIX, strlen(PREFIX)) == 0)
		r = base64_decode(
			text + strlen(PREFIX), strlen(text) - strlen(PREFIX), &secret.data, &secret.bytes);
	if (r == -EINVAL)
		return wrong(reterr, "is not a secret: it must have " PREFIX " and base64");
	if (r == 0 && (secret.bytes < SECRET_MIN || secret.bytes > SECRET_MAX)) {
		secret_fini(&secret);
		return wrong(reterr, "is not a secret of %d to %d bytes, in base64", SECRET_MIN, SECRET_MAX);
	}
	if (r == 0)
		*ret_secret = secret;
	return r;
}

int secret_read(const char *file, struct secret *ret_secret, struct problem *reterr)
{
	char path[PATH_MAX], text[FILE_MAX] = "";
	int r = find(file, path, reterr);

	if (r == 0)
		r = read_text(path, text, reterr);
	if (r == 0)
		r = decode(text, ret_secret, reterr);
	explicit_bzero(text, sizeof text);
	return r;
}

int secrets_load(struct signing_key *key, struct problem *reterr)
{
	int r = 0;

	key->secrets = calloc(list_length(key->secret_files) + 1, sizeof key->secrets[0]);
	if (!key->secrets)
		return -ENOMEM;
	for (char **file = key->secret_files; r == 0 && *file; file++) {
		r = secret_read(*file, &key->secrets[key->n_secrets], reterr);
		if (r == 0)
			key->n_secrets++;
	}
	return r;
}
