/* work.c - the workloads, see work.h. */
#include "bench/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/utf16.h"
#include "proto/fscc/file_info.h"
#include "proto/smb2/close.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/create.h"
#include "proto/smb2/query_directory.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

#define LIST_BUFFER 65536u
#define LIST_CLASS  37u /* FileIdBothDirectoryInformation */

static const struct smb2_fid related = { UINT64_MAX, UINT64_MAX };

static void
must(const struct smb2_element *e)
{
	if (!nt_ok(e->hdr.status))
		fatal("%s: %s", smb2_command_name(e->hdr.command), nt_name(e->hdr.status));
}

/* ---- requests ---- */

static void
put_create(struct load *l, const char *name, uint32_t access, uint32_t options)
{
	struct wr *b = wire_begin(&l->wire, SMB2_CMD_create, 1);
	uint8_t wide[128];
	struct wr n = wr_init(wide, sizeof wide);

	(void)wr_utf16(&n, name);
	smb2_create_req_encode(
	    b, l->wire.element_at,
	    &(struct smb2_create_req){ .impersonation  = SMB2_IMPERSONATION_IMPERSONATION,
				       .desired_access = access,
				       .disposition    = FILE_OPEN,
				       .options	       = options,
				       .share_access =
					   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
				       .name = wr_done(&n) });
}

static void
put_close(struct load *l, struct wr *b, struct smb2_fid fid)
{
	smb2_close_req_encode(b, l->wire.element_at, &(struct smb2_close_req){ .fid = fid });
}

/* Files of the folder in turn. */
static void
put_create_next(struct load *l, uint32_t access)
{
	char name[32];

	(void)snprintf(name, sizeof name, "many\\f%05u", (unsigned)(l->turn++ % FOLDER));
	put_create(l, name, access, 0);
}

static struct smb2_fid
fid_of(struct smb2_element *e)
{
	struct smb2_create_rsp rsp;

	must(e);
	if (nt_failed(smb2_create_rsp_decode(&e->body, &rsp)))
		fatal("a CREATE answer that does not fit");
	return rsp.fid;
}

/* ---- read and write ---- */

static uint64_t
io_offset(struct load *l)
{
	uint64_t n = l->turn++, places = FILE_BYTES / l->work->size;

	if (l->work->random)
		n = (n * 0x9E3779B97F4A7C15u) >> 20;
	return n % places * l->work->size;
}

static void
read_ask(struct load *l, struct slot *s)
{
	struct wr *b = wire_begin(&l->wire, SMB2_CMD_read, l->work->charge);

	(void)s;
	smb2_read_req_encode(b, l->wire.element_at,
			     &(struct smb2_read_req){
				 .length = l->work->size, .offset = io_offset(l), .fid = l->fid });
}

static enum progress
read_told(struct load *l, struct slot *s, struct smb2_element *e)
{
	struct smb2_read_rsp rsp;

	(void)s;
	must(e);
	if (nt_failed(smb2_read_rsp_decode(&e->body, &rsp)) || rsp.data.n != l->work->size)
		fatal("not all of it was read");
	l->bytes += l->work->size;
	return OVER;
}

static void
write_ask(struct load *l, struct slot *s)
{
	struct wr *b = wire_begin(&l->wire, SMB2_CMD_write, l->work->charge);

	(void)s;
	smb2_write_req_encode_head(b, l->wire.element_at,
				   &(struct smb2_write_req){ .length = l->work->size,
							     .offset = io_offset(l),
							     .fid    = l->fid });
	wr_zero(b, l->work->size);
}

static enum progress
write_told(struct load *l, struct slot *s, struct smb2_element *e)
{
	struct smb2_write_rsp rsp;

	(void)s;
	must(e);
	if (nt_failed(smb2_write_rsp_decode(&e->body, &rsp)) || rsp.count != l->work->size)
		fatal("not all of it was written");
	l->bytes += l->work->size;
	return OVER;
}

/* ---- names ---- */

static void
openclose_ask(struct load *l, struct slot *s)
{
	if (!s->opened)
		put_create_next(l, FILE_GENERIC_READ);
	else
		put_close(l, wire_begin(&l->wire, SMB2_CMD_close, 1), s->fid);
}

static enum progress
openclose_told(struct load *l, struct slot *s, struct smb2_element *e)
{
	(void)l;
	must(e);
	if (s->opened)
		return OVER;
	s->opened = true;
	s->fid	  = fid_of(e);
	return ASK;
}

/* What Explorer and cifs.ko do: three in one message. */
static void
stat_ask(struct load *l, struct slot *s)
{
	struct wr *b;

	(void)s;
	put_create_next(l, FILE_READ_ATTRIBUTES);
	b = wire_related(&l->wire, SMB2_CMD_query_info);
	smb2_query_info_req_encode(
	    b, l->wire.element_at,
	    &(struct smb2_query_info_req){ .info_type	  = SMB2_0_INFO_FILE,
					   .info_class	  = FSCC_FILE_NETWORK_OPEN,
					   .output_length = 64,
					   .fid		  = related });
	put_close(l, wire_related(&l->wire, SMB2_CMD_close), related);
}

static enum progress
stat_told(struct load *l, struct slot *s, struct smb2_element *e)
{
	(void)l;
	(void)s;
	must(e);
	return e->hdr.command == SMB2_CMD_close ? OVER : WAIT;
}

static void
list_ask(struct load *l, struct slot *s)
{
	static const uint8_t star[] = { '*', 0 };
	struct wr *b;

	if (!s->opened) {
		put_create(l, "many", FILE_GENERIC_READ, FILE_DIRECTORY_FILE);
		return;
	}
	b = wire_begin(&l->wire, s->ending ? SMB2_CMD_close : SMB2_CMD_query_directory, 1);
	if (s->ending) {
		put_close(l, b, s->fid);
		return;
	}
	smb2_query_directory_req_encode(
	    b, l->wire.element_at,
	    &(struct smb2_query_directory_req){ .info_class    = LIST_CLASS,
						.fid	       = s->fid,
						.output_length = LIST_BUFFER,
						.pattern       = SPAN(star, sizeof star) });
}

/* It is at its end when it is refused. */
static enum progress
list_told(struct load *l, struct slot *s, struct smb2_element *e)
{
	(void)l;
	if (s->opened && nt_is(e->hdr.status, STATUS_NO_MORE_FILES)) {
		s->ending = true;
		return ASK;
	}
	must(e);
	if (s->ending)
		return OVER;
	if (!s->opened)
		s->fid = fid_of(e);
	s->opened = true;
	return ASK;
}

/* ---- the rows ---- */

/* clang-format off */
static const struct work works[] = {
	/* name       size      random charge ask            told */
	{ "read-1m",   1u << 20, false, 16,   read_ask,      read_told },
	{ "write-1m",  1u << 20, false, 16,   write_ask,     write_told },
	{ "read-4k",   4096,     true,  1,    read_ask,      read_told },
	{ "write-4k",  4096,     true,  1,    write_ask,     write_told },
	{ "openclose", 0,        false, 1,    openclose_ask, openclose_told },
	{ "stat",      0,        false, 3,    stat_ask,      stat_told },
	{ "list",      0,        false, 1,    list_ask,      list_told },
};
/* clang-format on */

const struct work *
work_find(const char *name)
{
	for (size_t i = 0; i < NELEM(works); i++)
		if (strcmp(works[i].name, name) == 0)
			return &works[i];
	return NULL;
}

void
work_open(struct load *l)
{
	struct smb2_element e;

	if (l->work->size == 0)
		return;
	put_create(l, "bench.dat", FILE_GENERIC_READ | FILE_GENERIC_WRITE, 0);
	(void)wire_end(&l->wire);
	wire_next(&l->wire, &e);
	l->fid = fid_of(&e);
}
