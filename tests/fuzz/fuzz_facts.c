/*
 * fuzz_facts.c - what a script is told of a request: a client's frame, once its session
 * and share stand.  Reaches facts_take and, by it, the decoders of CREATE, TREE_CONNECT
 * and SET_INFO, path_from_wire, path_share_from_wire, the rename, link and disposition
 * classes, hook_is_about.  Whatever is told is bounded, and text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "smbd/hook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	struct smbd smbd;
	struct worker worker;
	struct session session;
	struct chan chan;
	struct conn conn;
	struct tree *tree;
	struct open *open;
} t;

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static void
stand(void)
{
	static const char path[] = "a/b.txt";

	t.worker.smbd	 = &t.smbd;
	t.worker.opens	 = table_new(8);
	t.session.worker = &t.worker;
	t.chan		 = (struct chan){ .session = &t.session, .conn = &t.conn, .refs = 1 };
	t.conn.worker	 = &t.worker;
	(void)strcpy(t.session.user, "alice");
	LIST_INIT(&t.session.opens);
	LIST_INIT(&t.session.chans);
	require(!nt_failed(tree_new(&t.session, &t.tree)));
	(void)strcpy(t.tree->share, "data");
	require(!nt_failed(open_new(&t.session, t.tree->id, NULL, &t.open)));
	t.open->hook = calloc(1, sizeof *t.open->hook + sizeof path);
	require(t.open->hook != NULL);
	memcpy(t.open->hook->path, path, sizeof path);
}

static void
text_check(struct str s, size_t bound)
{
	require(s.n <= bound && (s.n == 0 || strlen(s.s) == s.n));
}

static void
facts_check(const struct facts *f)
{
	static struct hook h = { .pattern = "*.exe" };

	text_check(f->is.command, NAME_BOUND);
	text_check(f->is.user, NAME_BOUND);
	text_check(f->is.share, NAME_BOUND);
	text_check(f->is.path, PATH_BOUND);
	text_check(f->is.to, PATH_BOUND);
	require(f->path ? f->is.path.s == f->path : f->is.path.n == 0);
	(void)hook_is_about(&h, f->is.share.s, f->path);
	if (f->to)
		(void)hook_is_about(&h, f->is.share.s, f->to);
}

static void
element_try(const struct smb2_element *e)
{
	struct frame frame = { .conn = &t.conn };
	struct rq rq = { .frame = &frame, .hdr = e->hdr, .chan = &t.chan, .tree_id = t.tree->id };
	struct facts f;

	if (e->hdr.command != SMB2_CMD_create && e->hdr.command != SMB2_CMD_tree_connect)
		rq.fid = open_fid(t.open);
	if (nt_failed(facts_take(&rq, e->body, &f)))
		return;
	facts_check(&f);
	facts_drop(&f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smb2_chain chain = smb2_chain_init(SPAN(data, size));
	struct smb2_element e;

	if (!t.tree)
		stand();
	while (smb2_chain_more(&chain) && !nt_failed(smb2_chain_next(&chain, &e)))
		element_try(&e);
	return 0;
}
