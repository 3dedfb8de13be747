/*
 * account.c - packed records in the accounts database.
 *
 * Keys begin with a letter that says what the value is: 'a' and the folded name
 * for an account, 'm' for the machine's identity, 's' for the last serial.
 * Values begin with a version byte; a version we do not know is refused, never
 * guessed at.
 */
#include "authd/store/account.h"

#include <string.h>

#include "base/secret.h"
#include "base/utf16.h"

#define RECORD_VERSION 1u
#define FORBIDDEN      "\"/\\[]:;|=,+*?<>@"

struct key {
	uint8_t b[DB_KEY_MAX];
	size_t n;
};

static struct span
key_span(const struct key *k)
{
	return SPAN(k->b, k->n);
}

static struct key
key_account(const struct account_key *a)
{
	struct key k = { .b = { 'a' } };
	size_t n     = strlen(a->s);

	memcpy(k.b + 1, a->s, n);
	k.n = n + 1;
	return k;
}

static bool
edge_is_bad(char c)
{
	return c == ' ' || c == '.';
}

static bool
name_is_fine(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || edge_is_bad(s[0]) || edge_is_bad(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || strchr(FORBIDDEN, s[i]))
			return false;
	return true;
}

nt
account_key(const char *name, struct account_key *ret)
{
	struct account_key k;

	REQUIRE(name_is_fine(name), STATUS_INVALID_PARAMETER);
	REQUIRE(!nt_failed(utf8_lower(name, k.s, sizeof k.s)), STATUS_INVALID_PARAMETER);
	*ret = k;
	return STATUS_SUCCESS;
}

static void
account_encode(struct wr *w, const struct account *a)
{
	size_t n = strlen(a->name);

	wr_u8(w, RECORD_VERSION);
	wr_bytes(w, a->hash, sizeof a->hash);
	wr_u64(w, a->created);
	wr_u64(w, a->changed);
	wr_u32(w, a->flags);
	wr_u32(w, a->serial);
	wr_u16(w, (uint16_t)n);
	wr_bytes(w, a->name, n);
}

static nt
account_decode(struct span value, struct account *ret)
{
	struct account a = { 0 };
	struct rd r	 = rd_init(value);
	uint8_t version	 = rd_u8(&r);
	uint16_t n;
	bool whole;

	REQUIRE(version == RECORD_VERSION, STATUS_DATA_ERROR);
	rd_copy(&r, a.hash, sizeof a.hash);
	a.created = rd_u64(&r);
	a.changed = rd_u64(&r);
	a.flags	  = rd_u32(&r);
	a.serial  = rd_u32(&r);
	n	  = rd_u16(&r);
	r.bad |= n >= sizeof a.name;
	if (rd_ok(&r))
		rd_copy(&r, a.name, n);
	whole = rd_ok(&r) && rd_left(&r) == 0;
	if (whole)
		*ret = a;
	secret_wipe(&a, sizeof a);
	return whole ? STATUS_SUCCESS : STATUS_DATA_ERROR;
}

nt
account_find(struct db *db, const struct account_key *key, struct account *ret)
{
	struct key k = key_account(key);
	struct db_row row;
	nt status = db_get(db, key_span(&k), &row);

	if (nt_is(status, STATUS_NOT_FOUND))
		return STATUS_NO_SUCH_USER;
	TRY(status);
	status = account_decode(SPAN(row.value, row.value_n), ret);
	secret_wipe(&row, sizeof row);
	return status;
}

nt
account_next(struct db *db, const struct account_key *after, struct account *ret)
{
	struct key k = key_account(after);
	struct db_row row;
	nt status;

	TRY(db_next(db, key_span(&k), &row));
	REQUIRE(row.key_n > 1 && row.key[0] == 'a', STATUS_NO_MORE_ENTRIES);
	status = account_decode(SPAN(row.value, row.value_n), ret);
	secret_wipe(&row, sizeof row);
	return status;
}

nt
account_save(struct db *db, const struct account *a)
{
	uint8_t buf[64 + NAME_BOUND];
	struct wr w = wr_init(buf, sizeof buf);
	struct account_key folded;
	struct key k;
	nt status;

	TRY(account_key(a->name, &folded));
	k = key_account(&folded);
	account_encode(&w, a);
	status = wr_ok(&w) ? db_put(db, key_span(&k), wr_done(&w)) : STATUS_INVALID_PARAMETER;
	secret_wipe(buf, sizeof buf);
	return status;
}

nt
account_remove(struct db *db, const struct account_key *key)
{
	struct key k = key_account(key);
	nt status    = db_del(db, key_span(&k));

	return nt_is(status, STATUS_NOT_FOUND) ? STATUS_NO_SUCH_USER : status;
}

nt
account_serial(struct db *db, uint32_t *ret)
{
	const struct span key = SPAN("s", 1);
	uint32_t serial	      = 0;
	uint8_t buf[4];
	struct wr w = wr_init(buf, sizeof buf);
	struct db_row row;
	struct rd r;
	nt status = db_get(db, key, &row);

	if (nt_ok(status)) {
		r      = rd_init(SPAN(row.value, row.value_n));
		serial = rd_u32(&r);
		REQUIRE(rd_ok(&r) && serial < UINT32_MAX, STATUS_DATA_ERROR);
	} else {
		REQUIRE(nt_is(status, STATUS_NOT_FOUND), status);
	}
	wr_u32(&w, serial + 1);
	TRY(db_put(db, key, wr_done(&w)));
	*ret = serial + 1;
	return STATUS_SUCCESS;
}

static nt
machine_make(struct db *db, uint32_t ret[3])
{
	uint8_t buf[12];

	random_bytes(buf, sizeof buf);
	TRY(db_put(db, SPAN("m", 1), SPAN(buf, sizeof buf)));
	return machine_sid(db, ret);
}

nt
machine_sid(struct db *db, uint32_t ret[3])
{
	struct db_row row;
	struct rd r;
	nt status = db_get(db, SPAN("m", 1), &row);

	if (nt_is(status, STATUS_NOT_FOUND))
		return machine_make(db, ret);
	TRY(status);
	r = rd_init(SPAN(row.value, row.value_n));
	for (size_t i = 0; i < 3; i++)
		ret[i] = rd_u32(&r);
	return rd_ok(&r) && rd_left(&r) == 0 ? STATUS_SUCCESS : STATUS_DATA_ERROR;
}
