/*
 * db.h - one LMDB file of keys and values, opened before the sandbox.
 *
 * One process uses a file at a time (a lock on it sees to that), so LMDB's own
 * lock table is off.  Not for: what is in the values.
 */
#ifndef AUTHD_STORE_DB_H
#define AUTHD_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define DB_KEY_MAX   272u
#define DB_VALUE_MAX 32768u /* a session whose user is in as many groups as there can be */

/* A row is copied out: LMDB's memory is valid only inside a transaction. */
struct db_row {
	size_t key_n, value_n;
	uint8_t key[DB_KEY_MAX];
	uint8_t value[DB_VALUE_MAX];
};

struct db;

/*
 * map_size bounds the file.  durable: a write that succeeded is on disk; else
 * it survives the death of this process but not of the machine.
 */
nt db_open(const char *path, size_t map_size, bool durable, struct db **ret) MUST_USE;
void db_drop(struct db *);

/* STATUS_NOT_FOUND if there is none. */
nt db_get(struct db *, struct span key, struct db_row *ret) MUST_USE;
/* The row with the least key greater than after, or STATUS_NO_MORE_ENTRIES. */
nt db_next(struct db *, struct span after, struct db_row *ret) MUST_USE;
/* STATUS_DISK_FULL when neither disk nor map has room. */
nt db_put(struct db *, struct span key, struct span value) MUST_USE;
nt db_del(struct db *, struct span key) MUST_USE;
size_t db_count(struct db *);

#endif
