/*
 * srvsvc_lists.c - answers of NetrConnectionEnum, NetrFileEnum, NetrFileGetInfo
 * and NetrSessionEnum: what each level consists of is a table.  [MS-SRVS] 2.2.4
 */
#include "proto/rpc/srvsvc_lists.h"

#include "proto/dtyp/access.h"

/* The members of a row, in the order of the levels that have them. */
enum column { END, ID, TYPE, OPENS, USERS, SECONDS, IDLE, FLAGS, PERMISSIONS, LOCKS,
	CLIENT, NAME, USER, NONE /* a string nobody has */ };

static const struct level {
	uint16_t opnum;
	uint32_t level;
	uint8_t columns[9];
} levels[] = {
	{ SRVSVC_CONNECTION_ENUM, 0, { ID } },					  /* 2.2.4.1 */
	{ SRVSVC_CONNECTION_ENUM, 1, { ID, TYPE, OPENS, USERS, SECONDS, USER, NAME } }, /* .2 */
	{ SRVSVC_FILE_ENUM, 2, { ID } },					  /* .6 */
	{ SRVSVC_FILE_ENUM, 3, { ID, PERMISSIONS, LOCKS, NAME, USER } },	  /* .7 */
	{ SRVSVC_SESSION_ENUM, 0, { CLIENT } },					  /* .11 */
	{ SRVSVC_SESSION_ENUM, 1, { CLIENT, USER, OPENS, SECONDS, IDLE, FLAGS } }, /* .12 */
	{ SRVSVC_SESSION_ENUM, 2, { CLIENT, USER, OPENS, SECONDS, IDLE, FLAGS, NONE } }, /* .13 */
	{ SRVSVC_SESSION_ENUM, 10, { CLIENT, USER, SECONDS, IDLE } },		  /* .14 */
	{ SRVSVC_SESSION_ENUM, 502, { CLIENT, USER, OPENS, SECONDS, IDLE, FLAGS, NONE, NONE } },
};

static const struct level *
level_find(uint16_t opnum, uint32_t level)
{
	for (size_t i = 0; i < NELEM(levels); i++)
		if (levels[i].opnum == opnum && levels[i].level == level)
			return &levels[i];
	return NULL;
}

bool
srvsvc_list_has_level(uint16_t opnum, uint32_t level)
{
	return level_find(opnum, level) != NULL;
}

static uint32_t
number_of(const struct srvsvc_row *row, enum column c)
{
	const uint32_t numbers[CLIENT] = { [ID] = row->id, [TYPE] = row->type, [OPENS] = row->opens,
		[USERS] = row->users, [SECONDS] = row->seconds, [IDLE] = row->idle,
		[FLAGS] = row->flags, [PERMISSIONS] = row->permissions, [LOCKS] = row->locks };

	return numbers[c];
}

static const char *
string_of(const struct srvsvc_row *row, enum column c)
{
	const char *s = c == CLIENT ? row->client : c == NAME ? row->name : row->user;

	return c == NONE || !s ? "" : s;
}

static void
row_put(struct wr *fixed, struct wr *strings, struct ndr_ids *ids, const struct level *l,
    const struct srvsvc_row *row)
{
	for (const uint8_t *c = l->columns; *c != END; c++) {
		if (*c < CLIENT) {
			wr_ndr_u32(fixed, number_of(row, *c));
		} else {
			wr_ndr_ptr(fixed, ids, true);
			wr_ndr_string(strings, string_of(row, *c));
		}
	}
}

uint32_t
srvsvc_file_permissions(uint32_t access)
{
	static const struct {
		uint32_t any_of, means;
	} bits[] = {
		{ FILE_READ_DATA, PERM_FILE_READ },
		{ FILE_WRITE_DATA | FILE_APPEND_DATA, PERM_FILE_WRITE },
		{ FILE_EXECUTE, PERM_FILE_EXECUTE },
		{ DELETE, PERM_FILE_DELETE },
		{ FILE_WRITE_ATTRIBUTES, PERM_FILE_ATRIB },
		{ WRITE_DAC | WRITE_OWNER, PERM_FILE_PERM },
	};
	uint32_t all = 0;

	for (size_t i = 0; i < NELEM(bits); i++)
		all |= access & bits[i].any_of ? bits[i].means : 0;
	return all;
}

/* ---- lists ---- */

void
srvsvc_list_begin(struct srvsvc_list *a, uint16_t opnum, const struct srvsvc_list_req *q)
{
	memset(a, 0, offsetof(struct srvsvc_list, fixed_room));
	a->opnum	 = opnum;
	a->level	 = q->level;
	a->preferred_max = q->preferred_max;
	a->has_resume	 = q->has_resume;
	a->fixed	 = wr_init(a->fixed_room, sizeof a->fixed_room);
	a->strings	 = wr_init(a->strings_room, sizeof a->strings_room);
	wr_ndr_u32(&a->fixed, a->level);
	wr_ndr_u32(&a->fixed, a->level);
	if (!srvsvc_list_has_level(opnum, a->level)) /* the union's empty arm */
		return;
	wr_ndr_ptr(&a->fixed, &a->ids, true);
	a->count_at = wr_hole(&a->fixed, 4);
	wr_ndr_ptr(&a->fixed, &a->ids, true);
	a->max_at = wr_hole(&a->fixed, 4);
}

/* The first row is in it however little the client wants, or it would never get on. */
bool
srvsvc_list_add(struct srvsvc_list *a, const struct srvsvc_row *row)
{
	struct wr fixed	   = a->fixed, strings = a->strings;
	struct ndr_ids ids = a->ids;
	size_t used;

	row_put(&a->fixed, &a->strings, &a->ids, level_find(a->opnum, a->level), row);
	wr_align(&a->strings, 4);
	used = a->fixed.pos + a->strings.pos;
	if (wr_ok(&a->fixed) && wr_ok(&a->strings) && (a->n == 0 || used <= a->preferred_max)) {
		a->n++;
		return true;
	}
	a->fixed   = fixed;
	a->strings = strings;
	a->ids	   = ids;
	return false;
}

void
srvsvc_list_end(struct srvsvc_list *a, struct wr *w, uint32_t werror, uint32_t resume,
    uint32_t left)
{
	bool known = srvsvc_list_has_level(a->opnum, a->level);
	bool more  = werror == WERR_MORE_DATA;

	if (known) {
		wr_patch32(&a->fixed, a->count_at, a->n);
		wr_patch32(&a->fixed, a->max_at, a->n);
	}
	wr_span(w, wr_done(&a->fixed));
	wr_span(w, wr_done(&a->strings));
	wr_ndr_u32(w, a->n + (more ? left : 0)); /* TotalEntries */
	wr_ndr_ptr(w, &a->ids, a->has_resume);
	if (a->has_resume)
		wr_ndr_u32(w, more ? resume : 0);
	wr_ndr_u32(w, known ? werror : WERR_INVALID_LEVEL);
}

void
srvsvc_file_get_info_encode(struct wr *w, uint32_t level, const struct srvsvc_row *row,
    uint32_t werror)
{
	const struct level *l = level_find(SRVSVC_FILE_ENUM, level);
	bool answer	      = l && row && werror == WERR_OK;
	uint8_t room[3 * SRVSVC_PATH_MAX];
	struct wr strings  = wr_init(room, sizeof room);
	struct ndr_ids ids = { 0 };

	wr_ndr_u32(w, level);
	if (l)
		wr_ndr_ptr(w, &ids, answer);
	if (answer) {
		row_put(w, &strings, &ids, l, row);
		w->bad |= !wr_ok(&strings);
		wr_span(w, wr_done(&strings));
	}
	wr_ndr_u32(w, l ? werror : WERR_INVALID_LEVEL);
}
