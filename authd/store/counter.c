/*
 * counter.c - a hash table chained by digest, and a list by age.
 *
 * A write that fails (disk full) costs the counter's life after a restart and
 * nothing else, so it is not an error of the logon.
 */
#include "authd/store/counter.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"

#define ROW_KEY	 (1 + sizeof(struct counter_key))
#define ROW_SIZE 20u /* without a label */
#define ROW_MAX	 (ROW_SIZE + 19 + NAME_BOUND)

static struct span
row_key(const struct counters *t, const struct counter *c, uint8_t buf[ROW_KEY])
{
	struct wr w = wr_init(buf, ROW_KEY);

	wr_u8(&w, t->kind);
	wr_bytes(&w, c->key.b, sizeof c->key.b);
	return wr_done(&w);
}

static void
row_put(const struct counters *t, const struct counter *c)
{
	uint8_t key[ROW_KEY], value[ROW_MAX];
	struct wr w = wr_init(value, sizeof value);

	wr_u32(&w, c->failures);
	wr_u64(&w, c->last);
	wr_u64(&w, c->locked);
	if (c->serial != 0) {
		wr_msg_addr(&w, &c->addr);
		if (c->name)
			wr_bytes(&w, c->name, strlen(c->name));
	}
	if (t->db)
		(void)db_put(t->db, row_key(t, c, key), wr_done(&w)).code;
}

static void
row_del(const struct counters *t, const struct counter *c)
{
	uint8_t key[ROW_KEY];

	if (t->db)
		(void)db_del(t->db, row_key(t, c, key)).code;
}

static size_t
bucket_of(const struct counter_key *key)
{
	return (size_t)(key->b[0] | key->b[1] << 8) % COUNTER_BUCKETS;
}

static struct counter *
counter_insert(struct counters *t, const struct counter_key *key)
{
	struct counter *c = xcalloc(1, sizeof *c);

	c->key = *key;
	LIST_INSERT_HEAD(&t->buckets[bucket_of(key)], c, chain);
	TAILQ_INSERT_TAIL(&t->ages, c, age);
	t->count++;
	return c;
}

static void
counter_free(struct counters *t, struct counter *c)
{
	LIST_REMOVE(c, chain);
	TAILQ_REMOVE(&t->ages, c, age);
	t->count--;
	free(c->name);
	free(c);
}

void
counter_label(struct counters *t, struct counter *c, const char *name, const struct net_addr *addr)
{
	c->serial = ++t->serials;
	c->addr	  = *addr;
	free(c->name);
	c->name = name ? xstrdup(name) : NULL;
}

static void
label_load(struct counters *t, struct counter *c, struct rd *r)
{
	struct net_addr addr = { 0 };
	char name[NAME_BOUND + 1];
	size_t n;

	rd_msg_addr(r, &addr);
	n = rd_left(r);
	if (!rd_ok(r) || n > NAME_BOUND)
		return;
	rd_copy(r, name, n);
	name[n] = '\0';
	counter_label(t, c, n > 0 ? name : NULL, &addr);
}

/* Rows that are not of our making are left alone. */
static void
row_load(struct counters *t, const struct db_row *row)
{
	struct rd key	= rd_init(SPAN(row->key, row->key_n));
	struct rd value = rd_init(SPAN(row->value, row->value_n));
	struct counter_key digest;
	struct counter *c;

	rd_zero(&key, 1);
	rd_copy(&key, digest.b, sizeof digest.b);
	if (!rd_ok(&key) || rd_left(&key) > 0 || rd_left(&value) < ROW_SIZE || t->count >= t->max)
		return;
	c	    = counter_insert(t, &digest);
	c->failures = rd_u32(&value);
	c->last	    = rd_u64(&value);
	c->locked   = rd_u64(&value);
	if (rd_left(&value) > 0)
		label_load(t, c, &value);
}

void
counters_init(struct counters *t, uint8_t kind, uint32_t max, struct db *db)
{
	struct db_row row = { .key_n = 1, .key = { kind } };

	ENSURE(max > 0);
	t->kind = kind;
	t->max	= max;
	t->db	= db;
	TAILQ_INIT(&t->ages);
	while (db && nt_ok(db_next(db, SPAN(row.key, row.key_n), &row)) && row.key[0] == kind)
		row_load(t, &row);
}

void
counters_clear(struct counters *t)
{
	struct counter *c;

	while ((c = TAILQ_FIRST(&t->ages)))
		counter_free(t, c);
}

struct counter *
counter_find(struct counters *t, const struct counter_key *key)
{
	struct counter *c;

	LIST_FOREACH(c, &t->buckets[bucket_of(key)], chain)
		if (span_eq(SPAN(c->key.b, sizeof c->key.b), SPAN(key->b, sizeof key->b)))
			return c;
	return NULL;
}

struct counter *
counter_make(struct counters *t, const struct counter_key *key)
{
	if (t->count >= t->max)
		counter_forget(t, TAILQ_FIRST(&t->ages));
	return counter_insert(t, key);
}

void
counter_forget(struct counters *t, struct counter *c)
{
	row_del(t, c);
	counter_free(t, c);
}

void
counter_touch(struct counters *t, struct counter *c)
{
	TAILQ_REMOVE(&t->ages, c, age);
	TAILQ_INSERT_TAIL(&t->ages, c, age);
	row_put(t, c);
}
