/* sqlite_tenants.c - what is set for tenants; see sqlite.h. */
#include <errno.h>
#include <string.h>

#include "store/sqlite.h"

int sqlite_set_tenant(struct sqlite *sqlite, const struct store_op *op)
{
	enum sqlite_write write = op->settings ? WRITE_SET_TENANT : WRITE_FORGET_TENANT;
	struct binding to = {.statement = sqlite->writes[write]};

	bind_text(&to, op->tenant, strlen(op->tenant));
	if (op->settings) {
		bind_text(&to, op->settings, strlen(op->settings));
		bind_int(&to, sqlite_tenant_checksum(op->tenant, op->settings));
	}
	return sqlite_run(to.statement, to.error);
}

/* One row to `fn`; what is damaged is told as such. */
static int give(sqlite3_stmt *row, store_tenant_fn fn, void *arg)
{
	const char *tenant = (const char *)sqlite3_column_text(row, 0);
	const char *settings = (const char *)sqlite3_column_text(row, 1);

	if ((!tenant || !settings) && sqlite3_errcode(sqlite3_db_handle(row)) == SQLITE_NOMEM)
		return -ENOMEM;
	return fn(arg, tenant ? tenant : "", sqlite3_column_int(row, 2) ? settings : NULL);
}

int sqlite_tenants(void *state, store_tenant_fn fn, void *arg)
{
	struct sqlite *sqlite = state;
	sqlite3_stmt *statement = sqlite->reads[READ_TENANTS];
	int code = SQLITE_DONE, r = 0;

	while (r == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
		r = give(statement, fn, arg);
	sqlite3_reset(statement);
	return r == 0 ? sqlite_error(code) : r;
}
