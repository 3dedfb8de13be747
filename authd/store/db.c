/*
 * db.c - see db.h.  After db_open() LMDB needs pwrite64, writev, lseek,
 * fdatasync and the mapping it has; it opens nothing any more.
 */
#include "authd/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"

#define LOCK_TRIES   100 /* of 20 ms: a predecessor that was killed takes a moment to be gone */
#define LOCK_WAIT_NS 20000000L

struct db {
	MDB_env *env;
	MDB_dbi dbi;
	int lock; /* on the file itself; LMDB uses no such lock with MDB_NOLOCK */
};

static nt
db_status(int err, const char *what)
{
	if (err == MDB_SUCCESS)
		return STATUS_SUCCESS;
	if (err == MDB_NOTFOUND)
		return STATUS_NOT_FOUND;
	log_error("store database %s: %s", what, mdb_strerror(err));
	return err == MDB_MAP_FULL || err == ENOSPC || err == EDQUOT ? STATUS_DISK_FULL
								     : STATUS_DATA_ERROR;
}

static MDB_val
db_val(struct span s)
{
	return (MDB_val){ .mv_size = s.n, .mv_data = (void *)(uintptr_t)s.p };
}

static nt
db_lock(const char *path, int *ret)
{
	const struct timespec wait = { 0, LOCK_WAIT_NS };
	int fd			   = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		log_error("store database %s: %s", log_qs(path), strerror(errno));
		return STATUS_ACCESS_DENIED;
	}
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			*ret = fd;
			return STATUS_SUCCESS;
		}
		(void)nanosleep(&wait, NULL);
	}
	log_error("store database %s is in use by another process", log_qs(path));
	close(fd);
	return STATUS_SHARING_VIOLATION;
}

static int
db_open_dbi(struct db *db)
{
	MDB_txn *txn;
	int err = mdb_txn_begin(db->env, NULL, 0, &txn);

	if (err != MDB_SUCCESS)
		return err;
	err = mdb_dbi_open(txn, NULL, 0, &db->dbi);
	if (err == MDB_SUCCESS)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return err;
}

static nt
db_open_env(struct db *db, const char *path, size_t map_size, bool durable)
{
	const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NORDAHEAD | MDB_NOTLS;
	int err		     = mdb_env_create(&db->env);

	if (err == MDB_SUCCESS)
		err = mdb_env_set_mapsize(db->env, map_size);
	if (err == MDB_SUCCESS)
		err = mdb_env_open(db->env, path, flags | (durable ? 0 : MDB_NOSYNC), 0600);
	if (err == MDB_SUCCESS)
		err = db_open_dbi(db);
	return db_status(err, "open");
}

nt
db_open(const char *path, size_t map_size, bool durable, struct db **ret)
{
	struct db *db = xcalloc(1, sizeof *db);
	nt status;

	db->lock = -1;
	status	 = db_lock(path, &db->lock);
	if (nt_ok(status))
		status = db_open_env(db, path, map_size, durable);
	if (nt_failed(status)) {
		db_drop(db);
		return status;
	}
	*ret = db;
	return STATUS_SUCCESS;
}

void
db_drop(struct db *db)
{
	if (!db)
		return;
	if (db->env)
		mdb_env_close(db->env);
	if (db->lock >= 0)
		close(db->lock);
	free(db);
}

static nt
row_copy(struct db_row *row, const MDB_val *key, const MDB_val *value)
{
	REQUIRE(key->mv_size <= sizeof row->key, STATUS_DATA_ERROR);
	REQUIRE(value->mv_size <= sizeof row->value, STATUS_DATA_ERROR);
	memcpy(row->key, key->mv_data, key->mv_size);
	memcpy(row->value, value->mv_data, value->mv_size);
	row->key_n   = key->mv_size;
	row->value_n = value->mv_size;
	return STATUS_SUCCESS;
}

nt
db_get(struct db *db, struct span key, struct db_row *ret)
{
	MDB_val k = db_val(key), v;
	MDB_txn *txn;
	nt status;

	TRY(db_status(mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn), "read"));
	status = db_status(mdb_get(txn, db->dbi, &k, &v), "read");
	if (nt_ok(status))
		status = row_copy(ret, &k, &v);
	mdb_txn_abort(txn);
	return status;
}

/* The cursor stands at the first key >= after; one step more if that is after itself. */
static int
cursor_after(MDB_cursor *cursor, struct span after, MDB_val *k, MDB_val *v)
{
	int err;

	if (after.n == 0)
		return mdb_cursor_get(cursor, k, v, MDB_FIRST);
	*k  = db_val(after);
	err = mdb_cursor_get(cursor, k, v, MDB_SET_RANGE);
	if (err == MDB_SUCCESS && span_eq(SPAN(k->mv_data, k->mv_size), after))
		err = mdb_cursor_get(cursor, k, v, MDB_NEXT);
	return err;
}

nt
db_next(struct db *db, struct span after, struct db_row *ret)
{
	MDB_cursor *cursor;
	MDB_val k = { 0 }, v = { 0 };
	MDB_txn *txn;
	nt status;

	TRY(db_status(mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn), "walk"));
	status = db_status(mdb_cursor_open(txn, db->dbi, &cursor), "walk");
	if (nt_ok(status)) {
		status = db_status(cursor_after(cursor, after, &k, &v), "walk");
		if (nt_ok(status))
			status = row_copy(ret, &k, &v);
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return nt_is(status, STATUS_NOT_FOUND) ? STATUS_NO_MORE_ENTRIES : status;
}

nt
db_put(struct db *db, struct span key, struct span value)
{
	MDB_val k = db_val(key), v = db_val(value);
	MDB_txn *txn;
	nt status;

	REQUIRE(key.n <= DB_KEY_MAX && value.n <= DB_VALUE_MAX, STATUS_INVALID_PARAMETER);
	TRY(db_status(mdb_txn_begin(db->env, NULL, 0, &txn), "write"));
	status = db_status(mdb_put(txn, db->dbi, &k, &v, 0), "write");
	if (nt_ok(status))
		return db_status(mdb_txn_commit(txn), "commit");
	mdb_txn_abort(txn);
	return status;
}

nt
db_del(struct db *db, struct span key)
{
	MDB_val k = db_val(key);
	MDB_txn *txn;
	nt status;

	TRY(db_status(mdb_txn_begin(db->env, NULL, 0, &txn), "delete"));
	status = db_status(mdb_del(txn, db->dbi, &k, NULL), "delete");
	if (nt_ok(status))
		return db_status(mdb_txn_commit(txn), "commit");
	mdb_txn_abort(txn);
	return status;
}

size_t
db_count(struct db *db)
{
	MDB_stat stat;

	return mdb_env_stat(db->env, &stat) == MDB_SUCCESS ? stat.ms_entries : 0;
}
