/*
 * outside.h - libcurl and libcrypto, loaded when the first call is to be made; included instead of their own headers.
 *
 * With what they bring they are twenty libraries and 3 MB, which a daemon without http jobs does not need.  What is called by a function's
 * name here goes through a table, which outside_load() fills; as the dynamic linker would have done, so there is one for the process.
 */
#ifndef WORK_OUTSIDE_H
#define WORK_OUTSIDE_H

#define CURL_DISABLE_TYPECHECK /* it is done by macros of the functions' names */
#include <curl/curl.h>
#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <penstock/ctx.h>

#define OUTSIDE_CURL(X) \
	X(curl_easy_cleanup) \
	X(curl_easy_getinfo) \
	X(curl_easy_init) \
	X(curl_easy_reset) \
	X(curl_easy_setopt) \
	X(curl_easy_strerror) \
	X(curl_free) \
	X(curl_global_cleanup) \
	X(curl_global_init) \
	X(curl_multi_add_handle) \
	X(curl_multi_assign) \
	X(curl_multi_cleanup) \
	X(curl_multi_info_read) \
	X(curl_multi_init) \
	X(curl_multi_remove_handle) \
	X(curl_multi_setopt) \
	X(curl_multi_socket_action) \
	X(curl_slist_append) \
	X(curl_slist_free_all) \
	X(curl_url) \
	X(curl_url_cleanup) \
	X(curl_url_dup) \
	X(curl_url_get) \
	X(curl_url_set) \
	X(curl_url_strerror)

#define OUTSIDE_CRYPTO(X) \
	X(EVP_sha256) \
	X(HMAC)

struct outside {
#define OUTSIDE_MEMBER(name) __typeof__(name) *name;
	OUTSIDE_CURL(OUTSIDE_MEMBER)
	OUTSIDE_CRYPTO(OUTSIDE_MEMBER)
#undef OUTSIDE_MEMBER
};

extern struct outside outside;

struct outside_loader;

/* 0 or -ENOMEM.  What was loaded stays loaded when the loader is freed. */
int outside_new(struct outside_loader **ret_loader);
void outside_free(struct outside_loader *loader); /* NULL is allowed */

/* Have both libraries there: at once, but for the first.  A task, which is parked meanwhile.  0, -ENOENT, logged: they cannot be loaded; or others. */
int outside_load(struct outside_loader *loader);

#ifndef OUTSIDE_PLAIN_NAMES
#define curl_easy_cleanup outside.curl_easy_cleanup
#define curl_easy_getinfo outside.curl_easy_getinfo
#define curl_easy_init outside.curl_easy_init
#define curl_easy_reset outside.curl_easy_reset
#define curl_easy_setopt outside.curl_easy_setopt
#define curl_easy_strerror outside.curl_easy_strerror
#define curl_free outside.curl_free
#define curl_multi_add_handle outside.curl_multi_add_handle
#define curl_multi_assign outside.curl_multi_assign
#define curl_multi_cleanup outside.curl_multi_cleanup
#define curl_multi_info_read outside.curl_multi_info_read
#define curl_multi_init outside.curl_multi_init
#define curl_multi_remove_handle outside.curl_multi_remove_handle
#define curl_multi_setopt outside.curl_multi_setopt
#define curl_multi_socket_action outside.curl_multi_socket_action
#define curl_slist_append outside.curl_slist_append
#define curl_slist_free_all outside.curl_slist_free_all
#define curl_url outside.curl_url
#define curl_url_cleanup outside.curl_url_cleanup
#define curl_url_dup outside.curl_url_dup
#define curl_url_get outside.curl_url_get
#define curl_url_set outside.curl_url_set
#define curl_url_strerror outside.curl_url_strerror
#define EVP_sha256 outside.EVP_sha256
#define HMAC outside.HMAC
#endif

#endif
