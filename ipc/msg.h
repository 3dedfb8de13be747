/*
 * msg.h - what the preprocessor makes of a row in ipc/msg/<interface>.msg.h.
 *
 * A row is  M(id, name, callers, phase, REQ, RSP).  From it come
 *	struct name_req, struct name_rsp
 *	name_req_encode / _decode, name_rsp_encode / _decode
 *	name_call()     the caller's stub
 *	name_reply()    answers a call that its handler kept
 *	name_desc       id, name, permissions and the field tables (JSON, docs, hostile tests)
 *	MSG_ROW         the served method: nt name(struct me *, struct call *, const req *, rsp *)
 */
#ifndef IPC_MSG_H
#define IPC_MSG_H

#include <stddef.h>

#include "ipc/types.h"

struct link;
struct call;

enum peer_role {
	PEER_NONE,
	PEER_SPAWNER,
	PEER_DIRECTORY,
	PEER_API,
	PEER_STORE,
	PEER_KRB,
	PEER_NET,
	PEER_NAMES,
	PEER_GATE,
	PEER_WORKER,
	PEER_FSD,
	PEER_SESSION,
	PEER_DIALER,
	PEER_CRED,
	PEER_BRIDGE,
	PEER_RELAY,
	PEER_MAX
};

/* "gate", "worker", ...; "unknown" for nonsense. */
const char *peer_role_name(enum peer_role) MUST_USE;
enum peer_role peer_role_find(const char *name) MUST_USE;	/* PEER_NONE if unknown */
int peer_rank(enum peer_role) MUST_USE;	/* who believes whom: nonsense from above ends us */

#define FROM(role) (1u << PEER_##role)
#define FROM_ANY   (~0u & ~(1u << PEER_NONE))

/* When a method may be asked.  ONCE disarms it for that link after the first time. */
#define PHASE_START   0x01u	/* before node_serve() */
#define PHASE_SERVING 0x02u
#define PHASE_STOP    0x04u	/* finishing what is in flight */
#define PHASE_ALL     0x07u
#define PHASE_ONCE    0x80u

struct msg_field {
	const char *name;
	enum msg_type type;
	size_t at;		/* offset in the decoded struct */
};

struct msg_desc {
	uint16_t id;
	const char *name;
	uint32_t callers;	/* FROM() bits */
	uint32_t phase;
	const struct msg_field *(*req)(void);	/* n_req rows */
	size_t n_req, req_size;
	const struct msg_field *(*rsp)(void);
	size_t n_rsp, rsp_size;
};

/* Every message there is, in no order; for docs, JSON and the hostile tests. */
extern const struct msg_desc *const msg_all[];
extern const size_t msg_all_n;
const struct msg_desc *msg_desc_find(uint16_t id);	/* NULL if unknown */

/* Table-driven versions of the codec, for JSON, api and tests. */
void msg_encode(struct wr *, const struct msg_field *, size_t n, const void *obj);
nt msg_decode(struct span body, const struct msg_field *, size_t n, void *ret) MUST_USE;

/* Largest body of any message; larger ones close the link. */
#define MSG_BODY_MAX (256u * 1024)
/* Largest payload frame: one SMB2 read or write. */
#define MSG_DATA_MAX (8u * 1024 * 1024 + 4096)

struct call_opt {
	uint32_t chain;		/* same non-zero number: run one after the other, in order */
	uint32_t timeout_ms;	/* 0: waits for ever; else done() gets STATUS_IO_TIMEOUT */
	struct span data;	/* payload frame, copied; where no memory is shared */
	int fd;			/* descriptor to pass if has_fd, copied; only on links that carry them */
	bool has_fd;
	const int *more_fds;	/* and up to three further ones */
	size_t n_more_fds;
	void (*late)(void *ctx);	/* after a timeout: the reply came (or the peer died) after all */
};

/* The reply data (payload frame), valid only inside done(). */
typedef void msg_done(void);
typedef void msg_deliver(msg_done *, void *ctx, nt status, struct span body, struct span data);

nt link_call(struct link *, const struct msg_desc *, struct span body, const struct call_opt *,
    msg_deliver *, msg_done *, void *ctx, uint64_t *ret_id) MUST_USE;
void call_reply(struct call *, nt status, struct span body, struct span data);

struct ipc_method {
	const struct msg_desc *desc;
	void (*serve)(void *me, struct call *, struct span body);
};

void call_answer(struct call *, nt status, struct span body);	/* used by MSG_ROW only */
bool call_is_kept(const struct call *);
/* Encoding room for one message, reused; grows to MSG_BODY_MAX. */
struct wr msg_room(void);

#define MSG_FIELD_MEMBER(type, name) msg_##type name;
#define MSG_FIELD_ENCODE(type, name) wr_msg_##type(w, &m->name);
#define MSG_FIELD_DECODE(type, name) rd_msg_##type(&r, &m.name);
#define MSG_FIELD_ONE(type, name)    +1

/* In a header: everything a caller or server needs to see. */
#define MSG_DECLARE(id, msg, callers, phase, REQ, RSP)                                          \
	struct msg##_req {                                                                      \
		REQ(MSG_FIELD_MEMBER)                                                           \
	};                                                                                      \
	struct msg##_rsp {                                                                      \
		RSP(MSG_FIELD_MEMBER)                                                           \
	};                                                                                      \
	typedef void msg##_done(void *ctx, nt status, const struct msg##_rsp *, struct span data); \
	extern const struct msg_desc msg##_desc;                                                \
	void msg##_req_encode(struct wr *, const struct msg##_req *);                           \
	void msg##_rsp_encode(struct wr *, const struct msg##_rsp *);                           \
	nt msg##_req_decode(struct span, struct msg##_req *ret) MUST_USE;                       \
	nt msg##_rsp_decode(struct span, struct msg##_rsp *ret) MUST_USE;                       \
	/* On failure (link gone, limits) done is not called.  ret_id (may be NULL) names the   \
	 * call for cancelling.  rsp is NULL unless status carries a body (not an error). */    \
	nt msg##_call_id(struct link *, const struct msg##_req *, const struct call_opt *,      \
	    msg##_done *, void *ctx, uint64_t *ret_id) MUST_USE;                                \
	nt msg##_call(struct link *, const struct msg##_req *, const struct call_opt *,         \
	    msg##_done *, void *ctx) MUST_USE;                                                  \
	void msg##_reply(struct call *, nt status, const struct msg##_rsp *, struct span data);

/* In ipc/msg_tables.c: the bodies.  A local typedef tells the field rows whose fields they are. */
#define MSG_FIELD_ROW(type, name) { #name, MSG_T_##type, offsetof(obj_of_row, name) },
#define MSG_FIELDS(obj, LIST)                                                    \
	static const struct msg_field *obj##_fields(void)                        \
	{                                                                        \
		typedef struct obj obj_of_row __attribute__((unused));           \
		static const struct msg_field rows[] = { LIST(MSG_FIELD_ROW) { 0 } }; \
		return rows;                                                     \
	}

#define MSG_CODEC(obj, LIST)                                       \
	void obj##_encode(struct wr *w, const struct obj *m)       \
	{                                                          \
		(void)w;                                           \
		(void)m;                                           \
		LIST(MSG_FIELD_ENCODE)                             \
	}                                                          \
	nt obj##_decode(struct span body, struct obj *ret)         \
	{                                                          \
		struct rd r  = rd_init(body);                      \
		struct obj m;                                      \
		memset(&m, 0, sizeof m);                           \
		LIST(MSG_FIELD_DECODE)                             \
		REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);      \
		REQUIRE(rd_left(&r) == 0, STATUS_INVALID_PARAMETER); \
		*ret = m;                                          \
		return STATUS_SUCCESS;                             \
	}

/* Statuses above error severity, and refusals, carry no body. */
#define MSG_DEFINE(id_, msg, callers_, phase_, REQ, RSP)                                          \
	MSG_CODEC(msg##_req, REQ)                                                                 \
	MSG_CODEC(msg##_rsp, RSP)                                                                 \
	MSG_FIELDS(msg##_req, REQ)                                                                \
	MSG_FIELDS(msg##_rsp, RSP)                                                                \
	const struct msg_desc msg##_desc = { id_, #msg, callers_, phase_, msg##_req_fields,       \
		0 REQ(MSG_FIELD_ONE), sizeof(struct msg##_req), msg##_rsp_fields,                 \
		0 RSP(MSG_FIELD_ONE), sizeof(struct msg##_rsp) };                                 \
	static void msg##_deliver(msg_done *done, void *ctx, nt status, struct span body,         \
	    struct span data)                                                                     \
	{                                                                                         \
		struct msg##_rsp rsp;                                                             \
		nt s = STATUS_SUCCESS;                                                            \
		memset(&rsp, 0, sizeof rsp);                                                      \
		if (body.n > 0 || !nt_failed(status))                                             \
			s = msg##_rsp_decode(body, &rsp);                                         \
		if (nt_failed(s))                                                                 \
			status = STATUS_INTERNAL_ERROR;                                           \
		((msg##_done *)done)(ctx, status, nt_failed(status) && body.n == 0 ? NULL : &rsp, \
		    data);                                                                        \
	}                                                                                         \
	nt msg##_call_id(struct link *l, const struct msg##_req *req, const struct call_opt *o,   \
	    msg##_done *done, void *ctx, uint64_t *ret_id)                                        \
	{                                                                                         \
		struct wr w = msg_room();                                                         \
		msg##_req_encode(&w, req);                                                        \
		REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);                                     \
		return link_call(l, &msg##_desc, wr_done(&w), o, msg##_deliver,                   \
		    (msg_done *)done, ctx, ret_id);                                               \
	}                                                                                         \
	nt msg##_call(struct link *l, const struct msg##_req *req, const struct call_opt *o,      \
	    msg##_done *done, void *ctx)                                                          \
	{                                                                                         \
		return msg##_call_id(l, req, o, done, ctx, NULL);                                 \
	}                                                                                         \
	void msg##_reply(struct call *c, nt status, const struct msg##_rsp *rsp, struct span data) \
	{                                                                                         \
		struct wr w = msg_room();                                                         \
		if (rsp)                                                                          \
			msg##_rsp_encode(&w, rsp);                                                \
		call_reply(c, wr_ok(&w) ? status : STATUS_INTERNAL_ERROR, wr_done(&w), data);     \
	}

/* In a daemon's service.c, with MSG_ME defined as its struct: rows of the table. */
#define MSG_SERVE(id_, msg, callers_, phase_, REQ, RSP)                                     \
	nt msg(MSG_ME *, struct call *, const struct msg##_req *, struct msg##_rsp *);      \
	static void msg##_serve(void *me, struct call *c, struct span body)                 \
	{                                                                                   \
		struct msg##_req req;                                                       \
		struct msg##_rsp rsp;                                                       \
		struct wr w;                                                                \
		nt s = msg##_req_decode(body, &req);                                        \
		memset(&rsp, 0, sizeof rsp);                                                \
		if (!nt_failed(s))                                                          \
			s = msg((MSG_ME *)me, c, &req, &rsp);                               \
		if (call_is_kept(c))                                                        \
			return;                                                             \
		w = msg_room();                                                             \
		if (!nt_failed(s) || s.code == NT_BUFFER_OVERFLOW)                          \
			msg##_rsp_encode(&w, &rsp);                                         \
		call_answer(c, wr_ok(&w) ? s : STATUS_INTERNAL_ERROR, wr_done(&w));         \
	}
#define MSG_ROW(id_, msg, callers_, phase_, REQ, RSP) { &msg##_desc, msg##_serve },

/* The handlers' prototypes alone, for the daemon's own header. */
#define MSG_HANDLER(id_, msg, callers_, phase_, REQ, RSP) \
	nt msg(MSG_ME *, struct call *, const struct msg##_req *, struct msg##_rsp *) MUST_USE;

#define NO_FIELDS(F)

#endif
