/*
 * fetch.h - libcurl in a straight line: the task that fetches parks while libcurl waits for its socket, and its context ends it.
 *
 * One transfer at a time on a multi handle of its own, which is simple; a program with many shares one handle among them.
 */
#ifndef FETCH_H
#define FETCH_H

#include <curl/curl.h>
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/time.h>

#include "example.h"

static size_t fetch_count(char *data, size_t one, size_t n, void *bytes)
{
	(void)data;
	*(size_t *)bytes += one * n;
	return one * n;
}

/* Until when libcurl wants to be left alone if nothing comes. */
static int64_t fetch_deadline(CURLM *multi)
{
	long ms = -1;

	curl_multi_timeout(multi, &ms);
	return pen_now_ns() + (ms < 0 || ms > 1000 ? 1000 : ms) * PEN_MS;
}

/* Park until the transfer can go on.  0, or why ctx ended. */
static int fetch_wait(struct pen_ctx *ctx, CURLM *multi)
{
	fd_set reads, writes, errors;
	int fd = -1, r;

	FD_ZERO(&reads);
	FD_ZERO(&writes);
	FD_ZERO(&errors);
	curl_multi_fdset(multi, &reads, &writes, &errors, &fd);
	if (fd < 0) /* no socket yet */
		return pen_sleep(ctx, PEN_MS);
	r = pen_io_wait_until(
		ctx, fd, FD_ISSET(fd, &writes) ? PEN_IO_WRITE : PEN_IO_READ, fetch_deadline(multi));
	return r == -ETIMEDOUT ? pen_ctx_err(ctx) : r;
}

static int fetch_perform(struct pen_ctx *ctx, CURLM *multi)
{
	int running = 1, r = 0;

	while (r == 0 && curl_multi_perform(multi, &running) == CURLM_OK && running)
		r = fetch_wait(ctx, multi);
	return r;
}

/* Give the status of a GET and the bytes of its body.  0, -EIO, or why ctx ended. */
static int fetch(struct pen_ctx *ctx, const char *url, long *ret_status, size_t *ret_bytes)
{
	CURLM *multi = MUST_HAVE(curl_multi_init());
	CURL *easy = MUST_HAVE(curl_easy_init());
	int r;

	*ret_bytes = 0;
	*ret_status = 0;
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, fetch_count);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, ret_bytes);
	curl_multi_add_handle(multi, easy);
	r = fetch_perform(ctx, multi);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, ret_status);
	if (r == 0 && *ret_status == 0)
		r = -EIO;
	curl_multi_remove_handle(multi, easy);
	curl_easy_cleanup(easy);
	curl_multi_cleanup(multi);
	return r;
}

#endif
