/*
 * outside.c - see outside.h.
 *
 * Loading takes some ten milliseconds and more stack than a task has to spare, so a thread does it, and the tasks that want a call wait.
 */
#define OUTSIDE_PLAIN_NAMES
#include "work/outside.h"

#include <dlfcn.h>
#include <errno.h>
#include <penstock/mutex.h>
#include <penstock/waitgroup.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "log/log.h"

struct outside outside;

struct outside_loader {
	struct pen_mutex *lock;
	bool loaded;
	/* The thread's, until it is done: */
	struct pen_waitgroup *done;
	int error;
};

struct name {
	const char *name;
	size_t place; /* in struct outside */
};

#define NAME(name) {#name, offsetof(struct outside, name)},
static const struct name curl_names[] = {OUTSIDE_CURL(NAME)};
static const struct name crypto_names[] = {OUTSIDE_CRYPTO(NAME)};
#undef NAME

static int fail(const char *library)
{
	log_error("work", "a library for http jobs cannot be loaded", "library=%s error=%s", library,
		dlerror());
	return -ENOENT;
}

static int load(const char *library, const struct name *names, size_t n)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return fail(library);
	for (size_t i = 0; i < n; i++) {
		void *function = dlsym(handle, names[i].name);

		if (!function)
			return fail(library);
		memcpy((char *)&outside + names[i].place, &function, sizeof function);
	}
	return 0;
}

static void *load_both(void *arg)
{
	struct outside_loader *loader = arg;
	int r = load(CURL_SONAME, curl_names, ARRAY_LEN(curl_names));

	if (r == 0)
		r = load(CRYPTO_SONAME, crypto_names, ARRAY_LEN(crypto_names));
	if (r == 0 && outside.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		r = -ENOMEM;
	loader->error = r;
	pen_waitgroup_done(loader->done);
	return NULL;
}

int outside_new(struct outside_loader **ret_loader)
{
	struct outside_loader *loader = calloc(1, sizeof *loader);

	if (!loader)
		return -ENOMEM;
	loader->lock = pen_mutex_new();
	loader->done = pen_waitgroup_new();
	if (!loader->lock || !loader->done) {
		outside_free(loader);
		return -ENOMEM;
	}
	*ret_loader = loader;
	return 0;
}

void outside_free(struct outside_loader *loader)
{
	if (!loader)
		return;
	if (loader->loaded)
		outside.curl_global_cleanup();
	pen_waitgroup_free(loader->done);
	pen_mutex_free(loader->lock);
	free(loader);
}

/* With the lock.  The thread takes no signals. */
static int load_in_thread(struct outside_loader *loader)
{
	sigset_t all, before;
	pthread_t thread;
	int r;

	pen_waitgroup_add(loader->done, 1);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&thread, NULL, load_both, loader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0) {
		pen_waitgroup_done(loader->done);
		return r;
	}
	r = pen_waitgroup_wait(NULL, loader->done);
	pthread_join(thread, NULL); /* it is on its way out */
	return r < 0 ? r : loader->error;
}

int outside_load(struct outside_loader *loader)
{
	int r = pen_mutex_lock(NULL, loader->lock);

	if (r < 0)
		return r;
	if (!loader->loaded)
		r = load_in_thread(loader);
	loader->loaded = r == 0;
	pen_mutex_unlock(loader->lock);
	return r;
}
