# docs - manual pages are installed, the rest is for readers of the source
# a page for each public header, written from it by scripts/list-manuals
LIBRARY_MANS = \
	docs/man/lib/pen_base.3 \
	docs/man/lib/pen_chan.3 \
	docs/man/lib/pen_counter.3 \
	docs/man/lib/pen_ctx.3 \
	docs/man/lib/pen_group.3 \
	docs/man/lib/pen_io.3 \
	docs/man/lib/pen_map.3 \
	docs/man/lib/pen_mutex.3 \
	docs/man/lib/pen_once.3 \
	docs/man/lib/pen_pipeline.3 \
	docs/man/lib/pen_pool.3 \
	docs/man/lib/pen_ref.3 \
	docs/man/lib/pen_select.3 \
	docs/man/lib/pen_sem.3 \
	docs/man/lib/pen_task.3 \
	docs/man/lib/pen_time.3 \
	docs/man/lib/pen_waitgroup.3
dist_man_MANS += $(LIBRARY_MANS) docs/man/penstock.1 docs/man/penstock.conf.5 docs/man/penstock.7 docs/man/penstockd.8
EXTRA_DIST += docs/ARCHITECTURE.md docs/decisions docs/openapi.yaml docs/patterns.md
