/*
 * cache_change.c - what the owner's own calls change: forgotten before they run,
 * so that no open of ours is in their way, and after, so that the next one sees what
 * they did.
 */
#include "clientd/session/cache.h"

#define ANYWHERE UINT32_MAX	/* it names a file by number, or none at all */
#define ONE_PATH 0u

/* to: where in the request a second path stands. */
static const struct change {
	uint16_t id;
	uint32_t to;
} changes[] = {
	{ 0x0623, ONE_PATH },	/* client_mkdir */
	{ 0x0624, ONE_PATH },	/* client_rmdir */
	{ 0x0625, ONE_PATH },	/* client_rm */
	{ 0x0626, offsetof(struct client_mv_req, to) },
	{ 0x0627, offsetof(struct client_copy_req, to) },
	{ 0x0628, ONE_PATH },	/* client_attrib */
	{ 0x0629, ONE_PATH },	/* client_times */
	{ 0x062b, ONE_PATH },	/* client_setsd */
	{ 0x062d, ONE_PATH },	/* client_put */
	{ 0x0632, ANYWHERE },	/* client_rpc */
	{ 0x0642, ANYWHERE },	/* smb_create */
	{ 0x0643, ANYWHERE },	/* smb_close: what is deleted then */
	{ 0x0646, ANYWHERE },	/* smb_write */
	{ 0x0648, ANYWHERE },	/* smb_ioctl */
	{ 0x064d, ANYWHERE },	/* smb_set_info */
	{ 0x0650, ANYWHERE },	/* smb_raw */
};

void
cache_changes(const struct job *j, uint16_t msg_id, const void *req)
{
	const struct change *c = changes;
	const uint8_t *fields  = req;

	while (c < changes + NELEM(changes) && c->id != msg_id)
		c++;
	if (c == changes + NELEM(changes))
		return;
	if (c->to == ANYWHERE) {
		cache_forget(j->client, NULL);
		return;
	}
	/* by j->at, which a link or a referral may have moved */
	cache_forget(j->client, ((const struct client_stat_req *)req)->path.s);
	cache_forget(j->client, j->at.path);
	if (c->to != ONE_PATH)
		cache_forget(j->client, ((const msg_path *)(const void *)(fields + c->to))->s);
	if (j->to)
		cache_forget(j->client, j->to);
}
