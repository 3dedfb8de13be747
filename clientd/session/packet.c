/*
 * packet.c - packets as JSON and JSON as packets, for scripts; no connection
 * needed.  Bytes that somebody recorded are as hostile as a server's, so they are
 * taken apart here and not in the api, which passes the text on unread.
 */
#include <stdlib.h>

#include "clientd/session/client.h"
#include "dissect/json.h"
#include "ipc/json.h"

#define TEXT_ROOM (8u * 1024 * 1024)	/* of an answer */

static struct dissect_hint
hint_of(const struct packet_decode_req *req)
{
	return (struct dissect_hint){
		.dialect       = req->dialect,
		.request_known = req->request_known,
		.info_type     = req->info_type,
		.info_class    = req->info_class,
		.ctl_code      = req->ctl_code,
		.is_pipe       = req->is_pipe,
	};
}

/* {"packets": […]} as text on fiber memory. */
static nt
text_keep(struct job *j, json_t *packets)
{
	json_t *all = json_pack("{s:o}", "packets", packets);
	size_t n    = all ? json_dumpb(all, NULL, 0, JSON_COMPACT) : 0;
	char *text  = n > 0 && n <= TEXT_ROOM ? fiber_alloc(n) : NULL;

	if (text)
		j->data = SPAN(text, json_dumpb(all, text, n, JSON_COMPACT));
	json_decref(all);
	REQUIRE(n > 0, STATUS_INSUFFICIENT_RESOURCES);
	REQUIRE(n <= TEXT_ROOM, STATUS_BUFFER_TOO_SMALL);
	return STATUS_SUCCESS;
}

nt
packet_decode(struct client *me, struct job *j, const struct packet_decode_req *req,
	      struct packet_decode_rsp *rsp)
{
	struct dissect_hint hint = hint_of(req);
	struct span bytes	 = call_data(j->call);

	(void)me;
	(void)rsp;
	REQUIRE(bytes.n > 0 && bytes.n <= PACKET_MAX, STATUS_INVALID_PARAMETER);
	return text_keep(j, dissect_decode(bytes, &hint));
}

/* One packet, or what packet_decode made. */
static const json_t *
packets_of(const json_t *text)
{
	const json_t *packets = json_object_get(text, "packets");

	return packets ? packets : text;
}

static nt
build(struct job *j, const json_t *text, char why[JSON_WHY])
{
	uint8_t *room = fiber_alloc(PACKET_MAX);
	struct wr w   = wr_init(room, PACKET_MAX);

	static_assert(BUILD_WHY <= JSON_WHY, "a sentence has room");
	TRY(dissect_build(packets_of(text), &w, why));
	j->data = SPAN(room, w.pos);
	return STATUS_SUCCESS;
}

/* Packets that cannot be built are the script's own: it is told why. */
nt
packet_build(struct client *me, struct job *j, const struct packet_build_req *req,
	     struct packet_build_rsp *rsp)
{
	struct span bytes = call_data(j->call);
	char *why	  = fiber_alloc(JSON_WHY);
	json_t *text;
	nt s;

	(void)me;
	(void)req;
	REQUIRE(bytes.n > 0, STATUS_INVALID_PARAMETER);
	text = json_object_read(bytes, why);
	s    = text ? build(j, text, why) : STATUS_INVALID_PARAMETER;
	json_decref(text);
	if (nt_is(s, STATUS_INVALID_PARAMETER) && why[0]) {
		rsp->problem = str_of(why);
		return STATUS_SUCCESS;
	}
	return s;
}
