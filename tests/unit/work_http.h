/* work_http.h - http jobs for the tests of their attempts, and trials with a server. */
#ifndef TESTS_WORK_HTTP_H
#define TESTS_WORK_HTTP_H

#include <stdarg.h>

#include "http_server.h"
#include "work_trial.h"

/* A GET of this URL; more is set by the test. */
static inline struct job *call_url(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline struct job *call_url(const char *format, ...)
{
	struct job *job = job_new(JOB_HTTP);
	va_list args;

	ck_assert_ptr_nonnull(job);
	va_start(args, format);
	ck_assert_int_ge(vasprintf(&job->spec.http.url, format, args), 0);
	va_end(args);
	job->spec.http.method = strdup("GET");
	job->tenant = strdup("default");
	return job;
}

static inline struct job *call(const struct http_server *server, const char *path)
{
	return call_url("http://127.0.0.1:%d%s", server->port, path);
}

static inline void call_method(struct job *job, const char *method)
{
	free(job->spec.http.method);
	job->spec.http.method = strdup(method);
}

static inline void call_tenant(struct job *job, const char *tenant)
{
	free(job->tenant);
	job->tenant = strdup(tenant);
}

static inline void call_body(struct job *job, const char *body)
{
	job->spec.http.body = strdup(body);
	job->spec.http.body_bytes = strlen(body);
}

static inline void call_header(struct job *job, const char *name, const char *value)
{
	struct http_spec *spec = &job->spec.http;

	spec->headers = reallocarray(spec->headers, spec->n_headers + 1, sizeof(struct header));
	spec->headers[spec->n_headers++] = (struct header){strdup(name), strdup(value)};
}

/* Make the call; takes the job. */
static inline struct outcome call_run(struct work *work, struct job *job)
{
	struct outcome outcome = {0};

	work_run(NULL, work, job, trial_terms(), &outcome);
	job_unref(job);
	return outcome;
}

#define SERVED_TRIAL(name) \
	static void name##_served(struct work *work, struct http_server *server); \
	TRIAL(name) \
	{ \
		struct http_server *server = http_server_start(); \
\
		name##_served(work, server); \
		http_server_stop(server); \
	} \
	static void name##_served(struct work *work, struct http_server *server)

#endif
