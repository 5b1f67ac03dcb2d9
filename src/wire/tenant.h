/* tenant.h - tenants in JSON: as people set and see them, and what is set of one as it is on record. */
#ifndef WIRE_TENANT_H
#define WIRE_TENANT_H

#include "base/buf.h"
#include "base/problem.h"
#include "core/settings.h"

/* What a PUT asks for. */
struct tenant_wish {
	uint32_t set; /* 1u << limit, for each that it has; all others are to be as the configuration says */
	struct limits limits;
	bool says_paused, paused; /* where it does not say, that stays as it is */
};

/* What a pause asks for. */
struct pause_wish {
	int64_t for_ns; /* 0: until it is resumed */
	char reason[PAUSE_REASON_MAX + 1];
};

/* Read the body of a PUT and of a pause, which may be empty.  0; -EINVAL or -ENOMEM with words and a JSON pointer in reterr. */
int wire_read_tenant(const char *text, size_t bytes, struct tenant_wish *ret_wish, struct problem *reterr);
int wire_read_pause(const char *text, size_t bytes, struct pause_wish *ret_wish, struct problem *reterr);

/* Append what people see of a tenant; 0 or -ENOMEM. */
int wire_write_tenant(struct buf *out, const struct tenant_view *view);

/* Append what is set as it goes on record; 0 or -ENOMEM.  And read it back: 0, -EINVAL or -ENOMEM with words in reterr. */
int wire_write_settings(struct buf *out, const struct settings *settings);
int wire_read_settings(const char *text, size_t bytes, struct settings *ret_settings, struct problem *reterr);

#endif
