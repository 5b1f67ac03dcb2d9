/*
 * http.h - the HTTP control plane: one libmicrohttpd daemon a loop on one listening socket.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "conf/conf.h"
#include "gate/gate.h"

struct http;

/*
 * Make the listening socket of "ADDR:PORT" without serving yet; only loopback is allowed while there are no keys.  Gives the
 * descriptor in `*ret_fd` and the address with its real port in `address`.  -errno with words in reterr.
 */
#define HTTP_ADDRESS_TEXT 80
int http_listen(
	const char *listen, int *ret_fd, char address[static HTTP_ADDRESS_TEXT], struct problem *reterr);

/* Check that a descriptor passed by the service manager is a listening stream socket, and tell its address. */
int http_adopt(int fd, char address[static HTTP_ADDRESS_TEXT], struct problem *reterr);

/* Serve on every loop.  Takes the descriptor.  In a task. */
int http_start(struct pen_ctx *ctx, struct conf *conf, struct gate *gate, int fd, struct http **ret_http);

/* End waiting requests with what is known, let answers under way go out for at most `grace_ns`, close all.  In a task. */
void http_stop(struct http *http, int64_t grace_ns);

#endif
