/*
 * look_list.c - directory listings and change notifications, by proto's walks.
 * [MS-FSCC] 2.4 (the directory classes), 2.7.1
 */
#include "dissect/look.h"

#include "dissect/names.h"
#include "proto/fscc/dir_info.h"
#include "proto/fscc/filetime.h"
#include "proto/fscc/notify.h"

static void
time_add(struct tree *t, const char *name, int64_t unix_ns)
{
	tree_number(t, name, 8, filetime_from_ns(unix_ns), NULL)->kind = NODE_TIME;
}

static void
stat_add(struct tree *t, const struct fscc_stat *st)
{
	time_add(t, "CreationTime", st->creation_time);
	time_add(t, "LastAccessTime", st->access_time);
	time_add(t, "LastWriteTime", st->write_time);
	time_add(t, "ChangeTime", st->change_time);
	(void)tree_number(t, "EndOfFile", 8, st->end_of_file, NULL);
	(void)tree_number(t, "AllocationSize", 8, st->allocation_size, NULL);
	(void)tree_number(t, "FileAttributes", 4, st->attributes, &names_attributes);
}

/* Which of the optional fields a class has, its row says. */
static void
parts_add(struct tree *t, const struct fscc_dir_row *row, const struct fscc_dir_entry *e)
{
	for (size_t i = 0; i < FSCC_DIR_PARTS_MAX && row->parts[i] != FSCC_DIR_END; i++) {
		switch (row->parts[i]) {
		case FSCC_DIR_EA:
			(void)tree_number(t, "EaSize", 4, e->st.ea_size, NULL);
			break;
		case FSCC_DIR_TAG:
			(void)tree_number(t, "ReparsePointTag", 4, e->st.reparse_tag, &names_hex);
			break;
		case FSCC_DIR_SHORT:
			(void)tree_bytes(t, "ShortName", NODE_UTF16, e->short_name);
			break;
		case FSCC_DIR_ID:
		case FSCC_DIR_ID_128:
			(void)tree_number(t, "FileId", 8, e->st.file_id, &names_hex);
			break;
		default:
			break;
		}
	}
}

static void
entries_add(struct tree *t, const struct fscc_dir_row *row, struct span s)
{
	struct rd r = rd_init(s);
	struct fscc_dir_entry e = { 0 };

	while (fscc_dir_next(&r, row, &e)) {
		(void)tree_open(t, NULL, NODE_GROUP);
		if (row->has_stat)
			stat_add(t, &e.st);
		parts_add(t, row, &e);
		(void)tree_bytes(t, "FileName", NODE_UTF16, e.name);
		tree_close(t);
		e = (struct fscc_dir_entry){ 0 };
	}
	if (!rd_ok(&r))
		tree_malformed(t, "directory entry at %zu of %zu", r.pos, s.n);
}

void
look_listing(struct walk *w, struct span s)
{
	const struct fscc_dir_row *row;

	if (!w->hint->request_known)
		return;
	row = fscc_dir_find(w->hint->info_class);
	if (!row)
		return;
	tree_open(w->tree, names_find(&names_file_class, row->class), NODE_LIST)->derived = true;
	entries_add(w->tree, row, s);
	tree_close(w->tree);
}

void
look_notify(struct walk *w, struct span s)
{
	struct tree *t = w->tree;
	struct rd r    = rd_init(s);
	struct fscc_notify n;

	tree_open(t, "FILE_NOTIFY_INFORMATION", NODE_LIST)->derived = true;
	while (fscc_notify_next(&r, &n)) {
		(void)tree_open(t, NULL, NODE_GROUP);
		tree_number(t, "Action", 4, n.action, &names_notify_action)->in_line = true;
		tree_bytes(t, "FileName", NODE_UTF16, n.name)->in_line		     = true;
		tree_close(t);
	}
	if (!rd_ok(&r))
		tree_malformed(t, "notification at %zu of %zu", r.pos, s.n);
	tree_close(t);
}
