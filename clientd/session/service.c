/*
 * service.c - what session can be asked.  The rows come from the contract; each
 * call runs on a fiber of its own, on a copy of what was asked.
 */
#include "clientd/session/cache.h"

#define SERVE(id_, msg, callers_, phase_, REQ, RSP)                                            \
	static void msg##_run(void *ctx)                                                       \
	{                                                                                      \
		struct job *j = ctx;                                                           \
		struct msg##_req req;                                                          \
		struct msg##_rsp rsp;                                                          \
		nt s = msg##_req_decode(j->body, &req);                                        \
		memset(&rsp, 0, sizeof rsp);                                                   \
		if (!nt_failed(s))                                                             \
			do {                                                                   \
				job_place(j, id_, &req);                                       \
				cache_changes(j, id_, &req);                                   \
				s = msg(j->client, j, &req, &rsp);                             \
				cache_changes(j, id_, &req);                                   \
			} while (nt_failed(s) && job_again(j, id_, s));                        \
		if (j->call)                                                                   \
			msg##_reply(j->call, s,                                                \
				    nt_failed(s) && s.code != NT_BUFFER_OVERFLOW ? NULL : &rsp, \
				    nt_failed(s) && j->why.n > 0 ? j->why : j->data);          \
		job_end(j);                                                                    \
	}                                                                                      \
	static void msg##_serve(void *me, struct call *c, struct span body)                    \
	{                                                                                      \
		nt s = job_start(me, c, body, msg##_run);                                      \
		if (nt_failed(s))                                                              \
			call_answer(c, s, SPAN_NONE);                                          \
	}
SESSION_MESSAGES(SERVE)

const struct ipc_method session_methods[] = { SESSION_MESSAGES(MSG_ROW) TAP_ROWS };
const size_t session_methods_n		  = NELEM(session_methods);
