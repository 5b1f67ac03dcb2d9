/* conf_file.h - a configuration file for a test, in a folder of its own. */
#ifndef TESTS_CONF_FILE_H
#define TESTS_CONF_FILE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"

static char folder[] = "/tmp/penstock-conf-XXXXXX";
static char path[sizeof(folder) + 16];

static inline void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/c", folder);
}

static inline void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static inline void write_bytes(const char *text, size_t bytes)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, bytes, file), bytes);
	ck_assert_int_eq(fclose(file), 0);
}

static inline struct conf *load_with(const char *text, const struct conf_overrides *overrides)
{
	struct conf *conf = NULL;
	struct problem problem = {0};
	int r;

	write_bytes(text, strlen(text));
	r = conf_load(path, overrides, &conf, &problem);
	ck_assert_msg(r == 0, "%s", problem.message);
	return conf;
}

static inline struct conf *load(const char *text)
{
	return load_with(text, NULL);
}

/*
 * In a folder made for it, with this machine open to jobs, and with few workers unless it says how many: under a sanitizer each takes its
 * time.
 */
static inline struct conf *load_apart(const char *text)
{
	char whole[4096];
	struct conf *conf;

	strcpy(folder, "/tmp/penstock-conf-XXXXXX");
	make_folder();
	snprintf(whole, sizeof(whole), "allow-networks = 127.0.0.0/8\n%s%s",
		strstr(text, "workers") ? "" : "workers = 8\n", text);
	conf = load(whole);
	remove_folder();
	return conf;
}

#endif
