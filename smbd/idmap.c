/* idmap.c - see idmap.h.  Linear probing; removal closes the gap behind it. */
#include "smbd/idmap.h"

#include <stdlib.h>

#include "base/secret.h"

#define IDMAP_FIRST 16u

static uint32_t
idmap_home(const struct idmap *m, uint64_t id)
{
	uint64_t x = (id ^ m->key) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(x >> 32) & (m->size - 1);
}

static struct idmap_row *
idmap_row(const struct idmap *m, uint64_t id)
{
	uint32_t i = idmap_home(m, id);

	while (m->rows[i].obj && m->rows[i].id != id)
		i = (i + 1) & (m->size - 1);
	return &m->rows[i];
}

static bool
idmap_grow(struct idmap *m)
{
	struct idmap old = *m;
	uint32_t size    = old.size ? old.size * 2 : IDMAP_FIRST;

	if (size > 1u << 24)
		return false;
	m->rows = calloc(size, sizeof *m->rows);
	if (!m->rows) {
		*m = old;
		return false;
	}
	m->size = size;
	if (old.size == 0)
		m->key = random_u64();
	for (uint32_t i = 0; i < old.size; i++)
		if (old.rows[i].obj)
			*idmap_row(m, old.rows[i].id) = old.rows[i];
	free(old.rows);
	return true;
}

nt
idmap_put(struct idmap *m, uint64_t id, void *obj)
{
	struct idmap_row *row;

	if (m->count >= m->size / 4 * 3 && !idmap_grow(m))
		return STATUS_INSUFFICIENT_RESOURCES;
	row = idmap_row(m, id);
	m->count += row->obj ? 0 : 1;
	*row = (struct idmap_row){ id, obj };
	return STATUS_SUCCESS;
}

void *
idmap_find(const struct idmap *m, uint64_t id)
{
	return m->size ? idmap_row(m, id)->obj : NULL;
}

void *
idmap_remove(struct idmap *m, uint64_t id)
{
	struct idmap_row *row = m->size ? idmap_row(m, id) : NULL;
	void *obj             = row ? row->obj : NULL;
	uint32_t hole, i;

	if (!obj)
		return NULL;
	hole = (uint32_t)(row - m->rows);
	for (i = (hole + 1) & (m->size - 1); m->rows[i].obj; i = (i + 1) & (m->size - 1)) {
		uint32_t home = idmap_home(m, m->rows[i].id);

		/* It may fill the hole unless its home lies cyclically in (hole, i]. */
		if (((i - home) & (m->size - 1)) >= ((i - hole) & (m->size - 1))) {
			m->rows[hole] = m->rows[i];
			hole          = i;
		}
	}
	m->rows[hole].obj = NULL;
	m->count--;
	return obj;
}

void *
idmap_next(const struct idmap *m, uint32_t *pos)
{
	while (*pos < m->size) {
		void *obj = m->rows[(*pos)++].obj;

		if (obj)
			return obj;
	}
	return NULL;
}

void
idmap_drop(struct idmap *m)
{
	free(m->rows);
	*m = (struct idmap){ 0 };
}
